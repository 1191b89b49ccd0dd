package lienthong.gateway.link;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.ArrayList;
import java.util.List;
import lienthong.gateway.message.Limits;
import org.junit.jupiter.api.Test;

class FrameShapesTest {
    @Test
    void everyFieldOfEveryFrameHasALimitAndNoLimitIsForAFieldThatIsNot() {
        List<String> faults = new ArrayList<>();
        compare(lienthong.proto.wire.v1.Frame.getDescriptor(), FrameShapes.FRAME, faults);
        assertThat(faults).isEmpty();
    }

    private static void compare(Descriptor message, Shape shape, List<String> faults) {
        List<Integer> limited = new ArrayList<>();
        for (int number : shape.fieldNumbers()) {
            limited.add(number);
            if (message.findFieldByNumber(number) == null) {
                faults.add(message.getName() + " has no field " + number);
            }
        }
        for (FieldDescriptor field : message.getFields()) {
            if (!limited.contains(field.getNumber())) {
                faults.add(field.getFullName() + " has no limit");
            } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                Shape nested = shape.nested(field.getNumber());
                if (nested == null) {
                    faults.add(field.getFullName() + " is a message and has no shape");
                } else if (!nested.name.equals(field.getMessageType().getName())) {
                    faults.add(field.getFullName() + " has the shape of " + nested.name);
                } else {
                    compare(field.getMessageType(), nested, faults);
                }
            }
        }
    }

    @Test
    void fieldsStandInTheOrderOfTheirNumbers() {
        for (int i = 1; i < FrameShapes.FRAME.fieldNumbers().length; i++) {
            assertThat(FrameShapes.FRAME.fieldNumbers()[i])
                    .isGreaterThan(FrameShapes.FRAME.fieldNumbers()[i - 1]);
        }
    }

    @Test
    void limitsOfAFrameFitEachOther() {
        assertThat(FrameShapes.DATA_BYTES_MAX + 4 * 1024).isEqualTo(Limits.FRAME_BYTES_MAX);
        assertThat(Outgoing.WHOLE_BYTES_MAX + Limits.FRAME_OVERHEAD_BYTES).isLessThan(Limits.FRAME_BYTES_MAX);
        assertThat(Outgoing.TRANSFERS_MAX * 5).isLessThanOrEqualTo(Limits.OPEN_TRANSFERS_MAX);
        // The largest thing that cannot be cut must pass through the smallest window, or that window stands still for
        // good.
        assertThat(CreditWindows.WINDOW_BYTES_MIN)
                .isGreaterThanOrEqualTo(
                        Outgoing.WHOLE_BYTES_MAX + Limits.FRAME_OVERHEAD_BYTES + CreditWindows.ITEM_COST);
        assertThat(CreditWindows.CONTROL_BYTES_MIN)
                .isGreaterThanOrEqualTo(Limits.FRAME_BYTES_MAX + CreditWindows.ITEM_COST);
        assertThat(Limits.STATEMENT_BYTES_MAX + Limits.FRAME_OVERHEAD_BYTES).isLessThan(Limits.FRAME_BYTES_MAX);
        assertThat(Limits.HEADER_BYTES_MAX + Limits.FRAME_OVERHEAD_BYTES).isLessThan(Limits.FRAME_BYTES_MAX);
        assertThat(Spoken.USED_BYTES_IN_FRAME_MAX + 2 * Limits.CMS_BYTES_MAX + 17 * Limits.SLOT_BYTES_MAX)
                .isLessThan(Spoken.BYTES_MAX);
        assertThat(Spoken.USED_IN_FRAME_MAX + 17).isLessThan(FrameShapes.SAID_MAX);
    }
}
