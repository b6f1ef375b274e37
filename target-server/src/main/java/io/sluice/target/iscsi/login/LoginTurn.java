package io.sluice.target.iscsi.login;

import io.sluice.target.iscsi.pdu.TextKeys;

/**
 * One complete request of a login: its text has been put together from its PDUs.
 *
 * @param transit T bit
 * @param currentStage CSG
 * @param nextStage NSG
 * @param versionMin Version-min
 * @param targetSessionIdentifyingHandle TSIH
 * @param keys the text
 */
public record LoginTurn(
        boolean transit,
        int currentStage,
        int nextStage,
        int versionMin,
        int targetSessionIdentifyingHandle,
        TextKeys keys) {}
