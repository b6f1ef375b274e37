package io.sluice.target.scsi;

/**
 * Names an I_T nexus (RFC 7143 section 4.4.2): initiator port (name and ISID) and target port (name and portal group).
 *
 * @param initiatorName normalised iSCSI name
 * @param isid the 48-bit ISID
 * @param targetName normalised iSCSI name
 * @param portalGroupTag 1-65535; also the relative target port identifier
 */
public record NexusIdentity(String initiatorName, long isid, String targetName, int portalGroupTag) {}
