package io.sluice.target.lun;

import io.sluice.target.scsi.ParameterData;
import java.util.ArrayList;
import java.util.List;

/**
 * A log page under construction (SPC-4 section 7.3.2): parameters in the order of their codes.
 *
 * <pre>
 * 0  SPF(6), PAGE CODE (6 bits)        4  PARAMETER CODE (2), control byte, PARAMETER LENGTH, value
 * 1  SUBPAGE CODE
 * 2  PAGE LENGTH (2)
 * </pre>
 */
final class LogPage {
    /** Control byte of a parameter in the binary format (FORMAT AND LINKING 11b). */
    private static final int BINARY_FORMAT = 0x03;

    private static final int SPF = 0x40;

    private final int code;
    private final int subpage;
    private final List<Parameter> parameters = new ArrayList<>();

    private record Parameter(int code, byte[] value) {}

    LogPage(int code, int subpage) {
        this.code = code;
        this.subpage = subpage;
    }

    LogPage add(int parameterCode, ParameterData value) {
        parameters.add(new Parameter(parameterCode, value.toByteArray()));
        return this;
    }

    /** Whether PARAMETER POINTER may be this: not behind the last parameter. */
    boolean reaches(int pointer) {
        return pointer == 0
                || (!parameters.isEmpty()
                        && pointer <= parameters.get(parameters.size() - 1).code());
    }

    /** The page with the parameters from {@code pointer} on. */
    ParameterData from(int pointer) {
        ParameterData page = header();
        for (Parameter parameter : parameters) {
            if (parameter.code() >= pointer) {
                page.u16(parameter.code()).u8(BINARY_FORMAT).u8(parameter.value().length);
                page.bytes(parameter.value());
            }
        }
        return page.setU16(2, page.length() - 4);
    }

    /** A page that is a list and has no parameters. */
    ParameterData listing(ParameterData entries) {
        ParameterData page = header().bytes(entries.toByteArray());
        return page.setU16(2, page.length() - 4);
    }

    private ParameterData header() {
        return new ParameterData()
                .u8(code | (subpage == 0 ? 0 : SPF))
                .u8(subpage)
                .u16(0);
    }
}
