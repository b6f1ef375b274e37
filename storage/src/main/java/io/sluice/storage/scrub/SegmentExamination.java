package io.sluice.storage.scrub;

import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.segment.NeedMoreBytesException;
import io.sluice.storage.segment.SegmentCodec;
import io.sluice.storage.segment.SegmentHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks every byte of a segment, and when something is wrong, finds out which frames are still good. Thread-safe. */
final class SegmentExamination {
    private final SegmentCodec codec;

    SegmentExamination(SegmentCodec codec) {
        this.codec = codec;
    }

    /** What is wrong with segment {@code number}, called {@code key}; null when it is sound. */
    @Nullable
    ScrubDamage examine(long number, String key, ByteBuffer object) {
        try {
            SegmentHeader unused = codec.verifyWhole(number, object);
            return null;
        } catch (DamagedObjectException | UnsupportedFormatException damaged) {
            return diagnose(number, key, object, String.valueOf(damaged.getMessage()));
        }
    }

    private ScrubDamage diagnose(long number, String key, ByteBuffer object, String first) {
        SegmentHeader header;
        try {
            header = codec.readHeaderOfRemains(number, object);
        } catch (DamagedObjectException | UnsupportedFormatException | NeedMoreBytesException unreadable) {
            return ScrubDamage.ofWhole(key, String.valueOf(unreadable.getMessage()));
        }
        List<Integer> bad = new ArrayList<>();
        String what = "";
        for (SegmentHeader.Frame frame : header.frames()) {
            String problem = problemOf(number, frame, object);
            if (problem != null) {
                what = bad.isEmpty() ? problem : what;
                bad.add(frame.offsetBytes());
            }
        }
        if (bad.isEmpty()) {
            return new ScrubDamage(key, false, first + "; all frames can be read", List.of(), false);
        }
        boolean whole = bad.size() == header.frames().size();
        String others = bad.size() == 1 ? "" : " (and " + (bad.size() - 1) + " more frames)";
        return new ScrubDamage(key, false, what + others, bad, whole);
    }

    private @Nullable String problemOf(long number, SegmentHeader.Frame frame, ByteBuffer object) {
        if (frame.offsetBytes() + (long) frame.storedBytes() > object.remaining()) {
            return "frame at " + frame.offsetBytes() + ": the object ends before, at " + object.remaining();
        }
        ByteBuffer stored = object.slice(object.position() + frame.offsetBytes(), frame.storedBytes());
        try {
            long[] lbas = codec.openFrame(number, frame.offsetBytes(), stored).lbas();
            return Arrays.equals(lbas, frame.lbas())
                    ? null
                    : "frame at " + frame.offsetBytes() + ": is not the one its header names";
        } catch (DamagedObjectException | UnsupportedFormatException damaged) {
            return String.valueOf(damaged.getMessage());
        }
    }
}
