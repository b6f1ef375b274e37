package io.sluice.target.lun;

import io.sluice.target.scsi.SenseCode;
import io.sluice.target.scsi.SenseData;

/** Why a parameter list of EXTENDED COPY is refused before anything is copied. */
final class CopyRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final SenseCode code;
    private final int offset;

    /**
     * A wrong field.
     *
     * @param offset of the field in the parameter list, -1 for none
     */
    CopyRefusal(SenseCode code, int offset) {
        super(code + " at byte " + offset, null, false, false);
        this.code = code;
        this.offset = offset;
    }

    byte[] sense(boolean descriptorFormat) {
        return offset < 0
                ? SenseData.encode(code, descriptorFormat)
                : SenseData.inParameterList(code, offset, descriptorFormat);
    }
}
