package io.sluice.target.iscsi.session;

/** Sense data of failures that the transport finds itself (RFC 7143 section 11.4.7.2), in fixed format. */
enum SenseCode {
    INTERNAL_TARGET_FAILURE(0x04, 0x44, 0x00),
    INVALID_FIELD_IN_CDB(0x05, 0x24, 0x00),
    UNEXPECTED_UNSOLICITED_DATA(0x0b, 0x0c, 0x0c),
    INCORRECT_AMOUNT_OF_DATA(0x0b, 0x0c, 0x0d),
    PROTOCOL_SERVICE_CRC_ERROR(0x0b, 0x47, 0x05);

    private static final int FIXED_FORMAT = 0x70;
    private static final int FIXED_BYTES = 18;
    private static final int ADDITIONAL_BYTES = FIXED_BYTES - 8;

    private final int key;
    private final int code;
    private final int qualifier;

    SenseCode(int key, int code, int qualifier) {
        this.key = key;
        this.code = code;
        this.qualifier = qualifier;
    }

    /** SPC-4 section 4.5.3. */
    byte[] sense() {
        byte[] sense = new byte[FIXED_BYTES];
        sense[0] = FIXED_FORMAT;
        sense[2] = (byte) key;
        sense[7] = ADDITIONAL_BYTES;
        sense[12] = (byte) code;
        sense[13] = (byte) qualifier;
        return sense;
    }
}
