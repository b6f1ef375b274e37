package io.sluice.target.fuzz;

import io.sluice.target.iscsi.pdu.TextKeys;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the target sends on one connection, strictly (RFC 7143 section 11): known opcodes, digests as negotiated,
 * StatSN without gaps, a constant command window, tags that the initiator sent, sense data that is whole and does not tell
 * of an internal failure.
 */
final class ResponseChecker {
    private static final int HEADER_BYTES = 48;
    private static final int DATA_BYTES_MAX = 1 << 20;
    private static final int TEXT_BYTES_KEPT = 256 << 10;
    private static final int RESERVED_TAG = -1;
    private static final int NOP_IN = 0x20;
    private static final int SCSI_RESPONSE = 0x21;
    private static final int LOGIN_RESPONSE = 0x23;
    private static final int DATA_IN = 0x25;
    private static final int R2T = 0x31;
    private static final int ASYNC = 0x32;
    private static final int REJECT = 0x3f;
    private static final Set<Integer> OPCODES =
            Set.of(NOP_IN, SCSI_RESPONSE, 0x22, LOGIN_RESPONSE, 0x24, DATA_IN, 0x26, R2T, ASYNC, REJECT);
    private static final int INTERNAL_TARGET_FAILURE = 0x44;

    private final int commandWindow;
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final ByteArrayOutputStream loginText = new ByteArrayOutputStream();
    private final Set<Integer> knownTags = new HashSet<>();
    private byte[] sentBytes = {};
    private byte[] received = {};
    private boolean fullFeature;
    private boolean headerDigest;
    private boolean dataDigest;
    private boolean numbered;
    private int nextStatusNumber;
    private int pdus;
    private final Set<Integer> answeredTags = new HashSet<>();
    private @Nullable String complaint;

    ResponseChecker(int commandWindow) {
        this.commandWindow = commandWindow;
    }

    /** These bytes went to the target. */
    void sent(byte[] bytes) {
        sent.writeBytes(bytes);
    }

    /** These came from it. */
    void received(byte[] bytes) {
        byte[] all = Arrays.copyOf(received, received.length + bytes.length);
        System.arraycopy(bytes, 0, all, received.length, bytes.length);
        int at = 0;
        for (int length = next(all, at); length > 0 && complaint == null; length = next(all, at)) {
            at += length;
            pdus++;
        }
        received = Arrays.copyOfRange(all, at, all.length);
    }

    boolean hasAnswered(int tag) {
        return answeredTags.contains(tag);
    }

    /** The first thing that was wrong. */
    Optional<String> complaint() {
        return Optional.ofNullable(complaint);
    }

    int pdus() {
        return pdus;
    }

    /** Checks the PDU at {@code at}; its length on the wire, 0 when it is not complete. */
    private int next(byte[] all, int at) {
        if (all.length - at < HEADER_BYTES) {
            return 0;
        }
        ByteBuffer header = ByteBuffer.wrap(all, at, HEADER_BYTES).slice();
        int data = header.getInt(4) & 0xff_ffff;
        int padded = (data + 3) & ~3;
        int dataFrom = at + HEADER_BYTES + (headerDigest ? 4 : 0);
        int end = dataFrom + padded + (dataDigest && data > 0 ? 4 : 0);
        check(OPCODES.contains((int) header.get(0)), "unknown opcode", header);
        check(header.get(4) == 0, "additional header segments", header);
        check(data <= DATA_BYTES_MAX, "data segment too long", header);
        if (complaint != null || all.length < end) {
            return 0;
        }
        byte[] segment = Arrays.copyOfRange(all, dataFrom, dataFrom + padded);
        if (headerDigest) {
            byte[] whole = Arrays.copyOfRange(all, at, at + HEADER_BYTES);
            check(crc(whole) == ByteBuffer.wrap(all).getInt(at + HEADER_BYTES), "wrong header digest", header);
        }
        if (dataDigest && data > 0) {
            check(crc(segment) == ByteBuffer.wrap(all).getInt(dataFrom + padded), "wrong data digest", header);
        }
        examine(header, Arrays.copyOf(segment, data));
        return end - at;
    }

    private void examine(ByteBuffer header, byte[] data) {
        int opcode = header.get(0);
        checkNumbers(header, opcode);
        int tag = header.getInt(16);
        if (opcode != REJECT && opcode != ASYNC && !(opcode == NOP_IN && tag == RESERVED_TAG)) {
            check(isKnown(tag), "a tag that was never sent", header);
            answeredTags.add(tag);
        }
        switch (opcode) {
            case LOGIN_RESPONSE -> login(header, data);
            case SCSI_RESPONSE -> checkSense(header, data);
            case R2T -> check(header.getInt(44) > 0, "R2T for nothing", header);
            case REJECT -> check(data.length == HEADER_BYTES, "Reject without the header", header);
            default -> check(fullFeature, "an answer before the login is complete", header);
        }
    }

    private void checkNumbers(ByteBuffer header, int opcode) {
        boolean hasStatus = opcode != DATA_IN || (header.get(1) & 1) != 0;
        boolean advances = hasStatus && opcode != R2T && !(opcode == NOP_IN && header.getInt(16) == RESERVED_TAG);
        if (hasStatus) {
            int number = header.getInt(24);
            check(!numbered || number == nextStatusNumber, "StatSN is not " + nextStatusNumber, header);
            numbered = true;
            nextStatusNumber = advances ? number + 1 : number;
        }
        if (fullFeature) {
            int window = header.getInt(32) - header.getInt(28) + 1;
            check(window == commandWindow, "a command window of " + window, header);
        }
    }

    private void login(ByteBuffer header, byte[] data) {
        check(!fullFeature, "a login response in the full feature phase", header);
        if (loginText.size() < TEXT_BYTES_KEPT) {
            loginText.writeBytes(data);
        }
        int flags = header.get(1);
        boolean last = (flags & 0x83) == 0x83 && header.getShort(36) == 0;
        check(last == (header.getShort(14) != 0), "TSIH and the end of the login do not agree", header);
        if (last) {
            fullFeature = true;
            TextKeys agreed = TextKeys.parse(loginText.toByteArray()).orElse(TextKeys.EMPTY);
            headerDigest = agreed.find("HeaderDigest").orElse("").equals("CRC32C");
            dataDigest = agreed.find("DataDigest").orElse("").equals("CRC32C");
        }
    }

    private void checkSense(ByteBuffer header, byte[] data) {
        check(fullFeature, "a SCSI response before the login is complete", header);
        if (data.length > 0) {
            int length = data.length < 2 ? -1 : ByteBuffer.wrap(data).getShort();
            check(length == data.length - 2 && length >= 8, "sense data of the wrong length", header);
            if (complaint == null) {
                int code = (data[2] & 0x7f) == 0x70 ? data[14] : data[4];
                check(code != INTERNAL_TARGET_FAILURE, "internal target failure", header);
            }
        } else {
            check(header.get(3) != 2, "CHECK CONDITION without sense", header);
        }
    }

    /** A four-byte value that occurs in what was sent: a stream out of step may begin anywhere. */
    private boolean isKnown(int tag) {
        if (knownTags.contains(tag)) {
            return true;
        }
        if (sentBytes.length != sent.size()) {
            sentBytes = sent.toByteArray();
        }
        ByteBuffer all = ByteBuffer.wrap(sentBytes);
        for (int i = 0; i + 4 <= sentBytes.length; i++) {
            if (all.getInt(i) == tag) {
                knownTags.add(tag);
                return true;
            }
        }
        return false;
    }

    private void check(boolean holds, String otherwise, ByteBuffer header) {
        if (!holds && complaint == null) {
            byte[] bytes = new byte[HEADER_BYTES];
            header.get(0, bytes);
            complaint = "answer " + pdus + ": " + otherwise + ": "
                    + java.util.HexFormat.of().formatHex(bytes);
        }
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return Integer.reverseBytes((int) crc.getValue());
    }
}
