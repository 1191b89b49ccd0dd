package lienthong.gateway.routing;

import com.google.errorprone.annotations.CompileTimeConstant;
import java.util.List;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;

/** Where an envelope for one recipient goes next. */
public sealed interface Route {
    /** This node serves the recipient. */
    record DeliverHere() implements Route {}

    /**
     * To a neighbour on the way.
     *
     * @param neighbour the next hop to prefer
     * @param alternatives further neighbours that lead there, best first, for when the first stays away; never contains {@code neighbour}
     */
    record Forward(OrganisationId neighbour, List<OrganisationId> alternatives) implements Route {
        public Forward {
            alternatives = List.copyOf(alternatives);
        }
    }

    /** The recipient is good, the way is not known now; a later directory may know it. */
    record Hold(Refusal why) implements Route {
        static Hold because(ErrorCode reason, @CompileTimeConstant String detail, Object... arguments) {
            return new Hold(Refusal.of(reason, Detail.of(detail, arguments)));
        }
    }

    /** The directory forbids it: the same directory will always say so. */
    record Refuse(Refusal why) implements Route {
        static Refuse because(ErrorCode reason, Detail about) {
            return new Refuse(Refusal.of(reason, about));
        }
    }
}
