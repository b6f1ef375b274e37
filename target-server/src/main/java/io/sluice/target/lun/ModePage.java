package io.sluice.target.lun;

import java.util.HexFormat;

/**
 * One mode page as data (SPC-4 section 7.5, SBC-3 section 6.5): defaults and a mask of what MODE SELECT may change; both
 * begin with page code and page length.
 *
 * @param defaults the whole page
 * @param changeable one bits where it may be changed; zeros in the two header bytes
 */
record ModePage(byte[] defaults, byte[] changeable) {
    static final int CACHING = 0x08;
    static final int CONTROL = 0x0A;

    /** A page of {@code length} bytes behind its header; bytes given as "offset:default/changeable" in hexadecimal. */
    static ModePage of(int code, int length, String... fields) {
        byte[] defaults = new byte[length + 2];
        byte[] changeable = new byte[length + 2];
        defaults[0] = (byte) code;
        defaults[1] = (byte) length;
        for (String field : fields) {
            int at = HexFormat.fromHexDigits(field, 0, 2);
            defaults[at] = (byte) HexFormat.fromHexDigits(field, 3, 5);
            changeable[at] = (byte) HexFormat.fromHexDigits(field, 6, 8);
        }
        return new ModePage(defaults, changeable);
    }

    int code() {
        return defaults[0];
    }
}
