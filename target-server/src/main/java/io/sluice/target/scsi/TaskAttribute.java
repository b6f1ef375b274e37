package io.sluice.target.scsi;

/** SAM-5 section 8.9; the values are those of the iSCSI ATTR field (RFC 7143 section 11.3.1). */
public enum TaskAttribute {
    UNTAGGED,
    SIMPLE,
    ORDERED,
    HEAD_OF_QUEUE,
    ACA
}
