package io.sluice.integration.hosts;

import io.sluice.target.iscsi.TestInitiator;
import io.sluice.target.iscsi.WirePdu;
import io.sluice.target.iscsi.pdu.TextKeys;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One session of a scripted host: sends the bytes it is given, one command at a time. Like the Windows initiator it leaves
 * the LUN of a Data-Out unset. Not thread-safe.
 */
final class ScriptedHost implements AutoCloseable {
    private static final int TRANSIT = 0x80;
    private static final int SECURITY_TO_OPERATIONAL = TRANSIT | 1;
    private static final int OPERATIONAL_TO_FULL_FEATURE = TRANSIT | (1 << 2) | 3;
    private static final int FINAL = 0x80;
    private static final int READS = 0x40;
    private static final int WRITES = 0x20;
    private static final int SIMPLE = 1;
    private static final int SCSI_RESPONSE = 0x21;
    private static final int DATA_IN = 0x25;
    private static final int READY_TO_TRANSFER = 0x31;
    private static final int CARRIES_STATUS = 1;
    private static final int OVERFLOW = 4;
    private static final int UNDERFLOW = 2;
    private static final int CHECK_CONDITION = 2;
    private static final int DEFAULT_SEGMENT_BYTES = 8192;
    private static final int TIMEOUT_MILLIS = 60_000;
    private static final int CDB_BYTES = 16;

    private final TestInitiator initiator;
    private final Map<String, String> agreed = new LinkedHashMap<>();
    private int firstBurstBytes;
    private int segmentBytes = DEFAULT_SEGMENT_BYTES;

    /** What became of a command; {@code senseCode} is 0xKKCCQQ, 0 without sense data. */
    record Outcome(int status, int senseCode, byte[] data, int underflow, int overflow) {}

    ScriptedHost(InetSocketAddress portal) throws IOException {
        initiator = new TestInitiator(portal);
        initiator.socket().setSoTimeout(TIMEOUT_MILLIS);
    }

    /** Both stages; returns what the target answered. */
    Map<String, String> login(HostScript.Login login, String target) throws IOException {
        initiator.isid(login.isid());
        List<String> keys = new ArrayList<>(
                List.of("InitiatorName", login.initiatorName(), "SessionType", "Normal", "TargetName", target));
        add(keys, login.security());
        request(SECURITY_TO_OPERATIONAL, keys);
        List<String> operational = new ArrayList<>();
        add(operational, login.operational());
        request(OPERATIONAL_TO_FULL_FEATURE, operational);
        boolean immediate = "Yes".equals(agreed.getOrDefault("ImmediateData", "Yes"));
        firstBurstBytes = immediate ? Integer.parseInt(agreed.getOrDefault("FirstBurstLength", "65536")) : 0;
        segmentBytes = Integer.parseInt(agreed.getOrDefault("MaxRecvDataSegmentLength", "8192"));
        return agreed;
    }

    private static void add(List<String> keys, Map<String, String> more) {
        more.forEach((key, value) -> keys.addAll(List.of(key, value)));
    }

    private void request(int flags, List<String> keys) throws IOException {
        WirePdu answer = initiator.exchange(initiator.loginRequest(flags, TextKeys.of(keys.toArray(new String[0]))));
        if (answer.loginStatus() != 0) {
            throw new IOException(String.format("login status %04x", answer.loginStatus()));
        }
        for (String pair : new String(answer.data(), java.nio.charset.StandardCharsets.UTF_8).split("\0", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                agreed.put(pair.substring(0, equals), pair.substring(equals + 1));
            }
        }
    }

    /** Sends a command and waits for its end. */
    Outcome execute(int lun, byte[] cdb, byte[] out, int inBytes) throws IOException {
        int direction = (out.length > 0 ? WRITES : 0) | (inBytes > 0 ? READS : 0);
        byte[] immediate = Arrays.copyOf(out, Math.min(out.length, Math.min(firstBurstBytes, segmentBytes)));
        WirePdu command = initiator
                .command(FINAL | direction | SIMPLE, Math.max(out.length, inBytes), Arrays.copyOf(cdb, CDB_BYTES))
                .putShort(8, lun)
                .data(immediate);
        initiator.send(command);
        ByteArrayOutputStream in = new ByteArrayOutputStream();
        while (true) {
            WirePdu pdu = initiator.receive();
            switch (pdu.opcode()) {
                case DATA_IN -> {
                    in.write(pdu.data());
                    if ((pdu.flags() & CARRIES_STATUS) != 0) {
                        return outcome(pdu, in.toByteArray());
                    }
                }
                case READY_TO_TRANSFER -> sendSolicited(pdu, command.tag(), out);
                case SCSI_RESPONSE -> {
                    return outcome(pdu, in.toByteArray());
                }
                default -> throw new IOException("unexpected " + pdu);
            }
        }
    }

    private void sendSolicited(WirePdu ready, int tag, byte[] out) throws IOException {
        int offset = ready.intAt(40);
        int end = offset + ready.intAt(44);
        int number = 0;
        while (offset < end) {
            int next = Math.min(end, offset + segmentBytes);
            byte[] piece = Arrays.copyOfRange(out, offset, next);
            initiator.send(initiator.dataOut(next == end, tag, ready.intAt(20), number++, offset, piece));
            offset = next;
        }
    }

    private static Outcome outcome(WirePdu pdu, byte[] data) {
        int sense = pdu.status() == CHECK_CONDITION ? pdu.senseCode() : 0;
        return new Outcome(
                pdu.status(),
                sense,
                data,
                (pdu.flags() & UNDERFLOW) == 0 ? 0 : pdu.residual(),
                (pdu.flags() & OVERFLOW) == 0 ? 0 : pdu.residual());
    }

    @Override
    public void close() throws IOException {
        initiator.close();
    }
}
