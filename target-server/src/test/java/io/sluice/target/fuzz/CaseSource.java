package io.sluice.target.fuzz;

import io.sluice.target.fuzz.FuzzCase.Action;
import io.sluice.target.fuzz.FuzzCase.Kind;
import io.sluice.target.iscsi.pdu.TextKeys;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes case number {@code n} of a seed: the same one each time. */
final class CaseSource {
    private static final int LOGIN_TAG = 0x4c00;
    private static final int LAST_PING = 0x7fff_0001;
    private static final int FIRST_NUMBER = 1;

    private final long seed;
    private final List<List<byte[]>> corpus;
    private final CdbSource cdbs;

    CaseSource(long seed, List<List<byte[]>> corpus, CdbSource cdbs) {
        this.seed = seed;
        this.corpus = corpus;
        this.cdbs = cdbs;
    }

    /** The case with this number. */
    FuzzCase make(long number) {
        Random random = new Random((seed * 0x9e37_79b9L) ^ (number * 0x5851_f42d_4c95_7f2dL));
        List<Action> actions = new ArrayList<>();
        int kind = random.nextInt(100);
        if (kind < 40) {
            recorded(random, actions);
        } else if (kind < 66) {
            commands(random, actions);
        } else if (kind < 80) {
            new LoginAbuse(random).add(actions);
        } else if (kind < 88) {
            new DataOutAbuse(random).add(actions);
        } else if (kind < 92) {
            flood(random, actions);
        } else if (kind < 94) {
            slowWriter(random, actions);
        } else if (kind < 95) {
            halfOpen(random, actions);
        } else if (kind < 98) {
            reinstatements(random, actions);
        } else {
            logoutUnderLoad(random, actions);
        }
        return new FuzzCase(actions);
    }

    private void recorded(Random random, List<Action> actions) {
        List<byte[]> pdus = new ArrayList<>(corpus.get(random.nextInt(corpus.size())).stream()
                .map(byte[]::clone)
                .toList());
        int logins = 0;
        while (logins < pdus.size() && Wire.opcode(pdus.get(logins)) == Wire.LOGIN) {
            logins++;
        }
        long isid = 0x4000_0000_0000L | random.nextInt(8);
        for (int i = 0; i < logins; i++) {
            java.nio.ByteBuffer.wrap(pdus.get(i))
                    .putShort(8, (short) (isid >>> 32))
                    .putInt(10, (int) isid);
        }
        if (random.nextInt(3) == 0) {
            List<byte[]> other = corpus.get(random.nextInt(corpus.size()));
            pdus.addAll(other.stream()
                    .filter(pdu -> Wire.opcode(pdu) != Wire.LOGIN)
                    .map(byte[]::clone)
                    .toList());
        }
        int keep = random.nextInt(8) == 0 ? 0 : logins;
        mutate(random, pdus, keep);
        int first = logins == 0
                ? FIRST_NUMBER
                : java.nio.ByteBuffer.wrap(corpus.get(0).get(0)).getInt(24);
        if (random.nextInt(6) > 0) {
            int loginNumber = logins == 0 || pdus.get(0).length < Wire.HEADER_BYTES
                    ? first
                    : java.nio.ByteBuffer.wrap(pdus.get(0)).getInt(24);
            Wire.number(pdus.subList(Math.min(logins, pdus.size()), pdus.size()), loginNumber);
        }
        actions.add(new Action(Kind.CONNECT, 0, 0));
        for (int i = 0; i < pdus.size(); i++) {
            actions.add(send(0, pdus.get(i)));
            if (i < logins && pdus.get(i).length >= Wire.HEADER_BYTES) {
                actions.add(new Action(Kind.AWAIT, 0, Wire.tag(pdus.get(i))));
            }
        }
        end(random, actions, 0, false);
    }

    private static void mutate(Random random, List<byte[]> pdus, int from) {
        Mutator mutator = new Mutator(random);
        for (int i = random.nextInt(10) == 0 ? 20 : random.nextInt(5); i > 0; i--) {
            mutator.mutate(pdus, from);
        }
    }

    /** A sound login, then commands with right framing. */
    private void commands(Random random, List<Action> actions) {
        boolean digests = random.nextInt(4) == 0;
        logIn(random, actions, 0, random.nextInt(8), digests);
        List<byte[]> pdus = new ArrayList<>();
        int tag = 0x1000;
        for (int i = 2 + random.nextInt(40); i > 0; i--) {
            pdus.add(cdbs.next(random, tag++));
            if (random.nextInt(25) == 0) {
                pdus.add(taskManagement(random, tag, 0x1000));
                tag++;
            }
        }
        boolean digestsFirst = random.nextBoolean();
        if (random.nextInt(3) == 0 && !digestsFirst) {
            mutate(random, pdus, 0);
        }
        Wire.number(pdus, FIRST_NUMBER);
        pdus.replaceAll(pdu -> Wire.encode(pdu, digests));
        if (random.nextInt(3) == 0 && digestsFirst) {
            mutate(random, pdus, 0);
        }
        pdus.forEach(pdu -> actions.add(send(0, pdu)));
        end(random, actions, 0, digests);
    }

    private static byte[] taskManagement(Random random, int tag, int firstTag) {
        int function = random.nextInt(40) == 0 ? random.nextInt(128) : 1 + random.nextInt(7);
        int lun = random.nextInt(3);
        int referenced = firstTag + random.nextInt(40);
        return Wire.taskManagement(function, lun, tag, referenced, FIRST_NUMBER + random.nextInt(200));
    }

    /** Many small PDUs or many large reads, often without reading what comes back. */
    private static void flood(Random random, List<Action> actions) {
        logIn(random, actions, 0, random.nextInt(8), false);
        boolean deaf = random.nextBoolean();
        if (deaf) {
            actions.add(new Action(Kind.DEAF, 0, 0));
        }
        int what = random.nextInt(5);
        List<byte[]> pdus = new ArrayList<>();
        for (int i = 0; i < (deaf ? 6000 : 1500); i++) {
            int tag = 0x10_0000 + i;
            pdus.add(
                    switch (what) {
                        case 0 -> Wire.nopOut(tag);
                        case 1 -> Wire.taskManagement(1 + (i % 5), 0, tag, tag - 1, i);
                        case 2 -> immediate(Wire.command(0xc1, 2, tag, 65536, cdb10(0x28, 0, 128), new byte[0]));
                        case 3 -> Wire.command(0xc1, 2, tag, 8 << 20, cdb10(0x28, 0, 0x4000), new byte[0]);
                        default -> Wire.text(0x80, tag, -1, Wire.keys("SendTargets", "All"));
                    });
        }
        Wire.number(pdus, FIRST_NUMBER);
        if (random.nextInt(4) == 0) {
            pdus.forEach(pdu -> java.nio.ByteBuffer.wrap(pdu).putInt(24, FIRST_NUMBER + 1 + random.nextInt(200)));
        }
        actions.add(send(0, joined(pdus)));
        if (deaf) {
            actions.add(new Action(Kind.PAUSE, 0, 20));
            actions.add(new Action(Kind.RESET, 0, 0));
        } else {
            end(random, actions, 0, false);
        }
    }

    private static void slowWriter(Random random, List<Action> actions) {
        logIn(random, actions, 0, random.nextInt(8), false);
        List<byte[]> pdus = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            byte[] data = filled(512, random);
            pdus.add(Wire.command(0xa1, 2, 0x100 + i, 512, cdb10(0x2a, random.nextInt(100), 1), data));
        }
        mutate(random, pdus, 0);
        Wire.number(pdus, FIRST_NUMBER);
        actions.add(new Action(Kind.SEND, 0, 1, joined(pdus)));
        end(random, actions, 0, false);
    }

    /** More connections that say nothing, or half a login, than are let in. */
    private static void halfOpen(Random random, List<Action> actions) {
        int count = FuzzServer.HALF_OPEN_MAX * 8;
        byte[] login = Wire.loginRequest(0x87, 1, LOGIN_TAG, Wire.keys("InitiatorName", "iqn.x:half"));
        for (int i = 0; i < count; i++) {
            actions.add(new Action(Kind.CONNECT, i, 0));
            if (random.nextBoolean()) {
                actions.add(send(i, Arrays.copyOf(login, random.nextInt(login.length))));
            }
        }
        actions.add(new Action(Kind.PAUSE, 0, random.nextInt(4) == 0 ? 1_600 : 10));
    }

    /** One initiator port comes again and again while its commands are under way. */
    private void reinstatements(Random random, List<Action> actions) {
        int isid = random.nextInt(4);
        for (int connection = 0; connection < 4 + random.nextInt(12); connection++) {
            logIn(random, actions, connection, isid, false);
            List<byte[]> pdus = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                pdus.add(cdbs.next(random, 0x1000 + i));
            }
            Wire.number(pdus, FIRST_NUMBER);
            actions.add(send(connection, joined(pdus)));
            if (random.nextInt(4) == 0) {
                actions.add(new Action(random.nextBoolean() ? Kind.RESET : Kind.FINISH, connection, 0));
            }
        }
    }

    private void logoutUnderLoad(Random random, List<Action> actions) {
        logIn(random, actions, 0, random.nextInt(8), false);
        List<byte[]> pdus = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            pdus.add(cdbs.next(random, 0x1000 + i));
        }
        pdus.add(2 + random.nextInt(28), Wire.logout(random.nextInt(4), 0x5000));
        pdus.add(Wire.logout(0, 0x5001));
        Wire.number(pdus, FIRST_NUMBER);
        actions.add(send(0, joined(pdus)));
        actions.add(new Action(Kind.FINISH, 0, 0));
    }

    private static void logIn(Random random, List<Action> actions, int connection, int isid, boolean digests) {
        String digest = digests ? "CRC32C" : "None";
        logIn(
                random,
                actions,
                connection,
                isid,
                "HeaderDigest",
                digest,
                "DataDigest",
                digest,
                "InitialR2T",
                random.nextInt(4) == 0 ? "Yes" : "No",
                "ImmediateData",
                random.nextInt(8) == 0 ? "No" : "Yes",
                "FirstBurstLength",
                random.nextBoolean() ? "65536" : "262144",
                "MaxBurstLength",
                random.nextBoolean() ? "65536" : "16776192",
                "MaxOutstandingR2T",
                random.nextBoolean() ? "1" : "8",
                "MaxRecvDataSegmentLength",
                random.nextInt(4) == 0 ? "512" : "262144");
    }

    private static void logIn(Random random, List<Action> actions, int connection, int isid, String... operational) {
        TextKeys names = TextKeys.of(
                "InitiatorName",
                "iqn.2026-11.io.sluice.attacker:" + random.nextInt(3),
                "TargetName",
                FuzzServer.ATTACKED,
                "SessionType",
                "Normal");
        byte[] keys = names.and(TextKeys.of(operational)).encode();
        actions.add(new Action(Kind.CONNECT, connection, 0));
        actions.add(send(connection, Wire.loginRequest(0x87, 0x4000_0000_0000L | isid, LOGIN_TAG, keys)));
        actions.add(new Action(Kind.AWAIT, connection, LOGIN_TAG));
    }

    /** A last question, so that answers are waited for, and one of the ways a connection ends. */
    private static void end(Random random, List<Action> actions, int connection, boolean digests) {
        if (random.nextInt(6) == 0) {
            actions.add(new Action(Kind.RESET, connection, 0));
            return;
        }
        actions.add(send(connection, Wire.encode(Wire.nopOut(LAST_PING), digests)));
        actions.add(new Action(Kind.AWAIT, connection, LAST_PING));
        if (random.nextInt(3) > 0) {
            actions.add(new Action(Kind.FINISH, connection, 0));
        }
    }

    static Action send(int connection, byte[] bytes) {
        return new Action(Kind.SEND, connection, 0, bytes);
    }

    private static byte[] immediate(byte[] pdu) {
        pdu[0] |= Wire.IMMEDIATE;
        return pdu;
    }

    private static byte[] joined(List<byte[]> pdus) {
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
        pdus.forEach(all::writeBytes);
        return all.toByteArray();
    }

    private static byte[] filled(int bytes, Random random) {
        byte[] data = new byte[bytes];
        Arrays.fill(data, (byte) random.nextInt());
        return data;
    }

    private static byte[] cdb10(int opcode, int block, int blocks) {
        return java.nio.ByteBuffer.allocate(16)
                .put(0, (byte) opcode)
                .putInt(2, block)
                .putShort(7, (short) blocks)
                .array();
    }

    /** Writes by R2T and unsolicited data as they should be, with single things that Data-Out can do wrong. */
    static final class DataOutAbuse {
        private static final int BURST_BYTES = 65_536;

        private final Random random;
        private final List<byte[]> pdus = new ArrayList<>();
        private int nextTransferTag;

        DataOutAbuse(Random random) {
            this.random = random;
        }

        void add(List<Action> actions) {
            logIn(
                    random,
                    actions,
                    0,
                    random.nextInt(8),
                    "InitialR2T",
                    "No",
                    "ImmediateData",
                    "Yes",
                    "FirstBurstLength",
                    Integer.toString(BURST_BYTES),
                    "MaxBurstLength",
                    Integer.toString(BURST_BYTES),
                    "MaxOutstandingR2T",
                    "1",
                    "MaxRecvDataSegmentLength",
                    "262144");
            for (int task = 0; task < 1 + random.nextInt(6); task++) {
                write(0x2000 + task);
                if (random.nextInt(8) == 0) {
                    pdus.add(taskManagement(random, 0x3000 + task, 0x2000));
                }
            }
            if (random.nextInt(4) == 0) {
                mutate(random, pdus, 0);
            }
            Wire.number(pdus, FIRST_NUMBER);
            pdus.forEach(pdu -> actions.add(send(0, pdu)));
            end(random, actions, 0, false);
        }

        private void write(int tag) {
            int bytes = 512 * (1 + random.nextInt(400));
            int immediate = Math.min(bytes, 512 * random.nextInt(40));
            boolean unsolicited = immediate < Math.min(bytes, BURST_BYTES) && random.nextInt(3) == 0;
            byte[] cdb = cdb10(random.nextInt(4) == 0 ? 0x2e : 0x2a, random.nextInt(4000), bytes / 512);
            int lun = random.nextBoolean() ? GuardedTarget.SHARED_LUN : GuardedTarget.FREE_LUN;
            int flags = (unsolicited ? 0 : 0x80) | 0x21;
            pdus.add(Wire.command(flags, lun, tag, bytes, cdb, filled(immediate, random)));
            int offset = immediate;
            if (unsolicited) {
                int end = Math.min(bytes, BURST_BYTES);
                sequence(tag, Wire.RESERVED_TAG, offset, end);
                offset = end;
            }
            while (offset < bytes) {
                int end = Math.min(bytes, offset + BURST_BYTES);
                sequence(tag, nextTransferTag++, offset, end);
                offset = end;
            }
        }

        private void sequence(int tag, int transferTag, int from, int end) {
            int number = 0;
            for (int at = from; at < end; number++) {
                int piece = Math.min(end - at, 512 * (1 + random.nextInt(64)));
                boolean last = at + piece == end;
                byte[] sound = Wire.dataOut(last, tag, transferTag, number, at, filled(piece, random));
                if (random.nextInt(20) == 0) {
                    spoil(tag, transferTag, number, at, piece, last);
                } else {
                    pdus.add(sound);
                }
                at += piece;
            }
        }

        private void spoil(int tag, int transferTag, int number, int at, int piece, boolean last) {
            switch (random.nextInt(8)) {
                case 0 -> longer(tag, transferTag, number, at, piece, last);
                case 1 -> pdus.add(Wire.dataOut(last, tag, transferTag, number, edge(at), filled(piece, random)));
                case 2 -> pdus.add(Wire.dataOut(last, tag, transferTag, edge(number), at, filled(piece, random)));
                case 3 -> pdus.add(Wire.dataOut(last, tag, edge(transferTag), number, at, filled(piece, random)));
                case 4 -> pdus.add(Wire.dataOut(!last, tag, transferTag, number, at, filled(piece, random)));
                case 5 -> pdus.add(Wire.dataOut(last, edge(tag), transferTag, number, at, filled(piece, random)));
                case 6 -> {
                    pdus.add(Wire.dataOut(last, tag, transferTag, number, at, filled(piece, random)));
                    pdus.add(Wire.dataOut(last, tag, transferTag, number, at, filled(piece, random)));
                }
                default -> pdus.add(Wire.nopOut(0x6000 + number));
            }
        }

        /** More than was asked for, up to a whole segment. */
        private void longer(int tag, int transferTag, int number, int at, int piece, boolean last) {
            int bytes = random.nextBoolean() ? 262_144 : piece + 512;
            pdus.add(Wire.dataOut(last, tag, transferTag, number, at, filled(bytes, random)));
        }

        private int edge(int value) {
            return switch (random.nextInt(4)) {
                case 0 -> value + 1;
                case 1 -> value - 1;
                case 2 -> value + 65_536;
                default -> random.nextInt();
            };
        }
    }

    /** Logins that go wrong: stages, flags, keys without number and end. */
    static final class LoginAbuse {
        private static final String[] KEYS = {
            "InitiatorName",
            "InitiatorAlias",
            "TargetName",
            "SessionType",
            "AuthMethod",
            "CHAP_A",
            "CHAP_N",
            "CHAP_R",
            "CHAP_I",
            "CHAP_C",
            "HeaderDigest",
            "DataDigest",
            "MaxRecvDataSegmentLength",
            "MaxBurstLength",
            "FirstBurstLength",
            "MaxConnections",
            "ErrorRecoveryLevel",
            "DefaultTime2Wait",
            "DefaultTime2Retain",
            "IFMarker",
            "OFMarkInt",
            "TaskReporting",
            "iSCSIProtocolLevel",
            "X-com.example",
            "SendTargets",
            "InitialR2T",
            "MaxOutstandingR2T",
            "TargetPortalGroupTag"
        };
        private static final String[] VALUES = {
            "",
            "Yes",
            "No",
            "None",
            "CHAP",
            "CHAP,None",
            "CRC32C",
            "CRC32C,None",
            "0",
            "1",
            "512",
            "16777215",
            "16777216",
            "-1",
            "99999999999999999999",
            "0x",
            "0xffff",
            "0b====",
            "5",
            "8,7,6,5",
            "Normal",
            "Discovery",
            "All",
            "NotUnderstood",
            "Reject",
            "Irrelevant",
            "\u00e4\u20ac",
            "=a=b",
            "1~65535",
            FuzzServer.ATTACKED,
            FuzzServer.QUIET,
            "iqn.2026-11.io.sluice.attacker:0"
        };
        private static final int[] FLAGS = {0x87, 0x81, 0x83, 0x01, 0x04, 0x00, 0x40, 0x44, 0xc7, 0x8f, 0x85};

        private final Random random;

        LoginAbuse(Random random) {
            this.random = random;
        }

        void add(List<Action> actions) {
            actions.add(new Action(Kind.CONNECT, 0, 0));
            long isid = 0x4000_0000_0000L | random.nextInt(4);
            int count = random.nextInt(12) == 0 ? 200 : 1 + random.nextInt(7);
            List<byte[]> pdus = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                byte[] pdu = Wire.loginRequest(FLAGS[random.nextInt(FLAGS.length)], isid, LOGIN_TAG + i, text(i == 0));
                pdus.add(pdu);
            }
            if (random.nextInt(3) == 0) {
                mutate(random, pdus, 0);
            }
            for (byte[] pdu : pdus) {
                actions.add(send(0, pdu));
                if (count < 10 && pdu.length >= Wire.HEADER_BYTES && random.nextInt(4) > 0) {
                    actions.add(new Action(Kind.AWAIT, 0, Wire.tag(pdu)));
                }
            }
            if (random.nextInt(4) == 0) {
                actions.add(send(0, Wire.nopOut(LAST_PING)));
            }
            actions.add(new Action(random.nextInt(4) == 0 ? Kind.RESET : Kind.FINISH, 0, 0));
        }

        private byte[] text(boolean first) {
            StringBuilder text = new StringBuilder();
            if (first && random.nextInt(6) > 0) {
                text.append("InitiatorName=iqn.2026-11.io.sluice.attacker:0\0TargetName=")
                        .append(FuzzServer.ATTACKED)
                        .append('\0');
            }
            int style = random.nextInt(10);
            int pairs = style == 0 ? 700 : random.nextInt(6);
            for (int i = 0; i < pairs; i++) {
                String key = style == 0 ? "k" + random.nextInt() : KEYS[random.nextInt(KEYS.length)];
                String value = random.nextInt(20) == 0
                        ? "v".repeat(random.nextInt(3000))
                        : VALUES[random.nextInt(VALUES.length)];
                text.append(key).append(random.nextInt(30) == 0 ? "" : "=").append(value);
                text.append(random.nextInt(30) == 0 ? "" : "\0");
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            if (style == 1) {
                random.nextBytes(bytes);
            }
            return Arrays.copyOf(bytes, Math.min(bytes.length, random.nextInt(10) == 0 ? 9000 : 8192));
        }
    }
}
