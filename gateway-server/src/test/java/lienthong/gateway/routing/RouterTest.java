package lienthong.gateway.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.OrganisationId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouterTest {
    private static final Instant NOW = Instant.parse("2020-10-10T00:00:00Z");
    private static final TestTree TREE = TestTree.of("H; D1<H; D2<H; C1<D1; C2<D1,D2; C3<D2; V<C1; ALONE")
            .serves("C1", "C1.OFFICE")
            .unserved("NEW");

    /** {@code here}, {@code D1}, {@code D1 or D2}, {@code hold NO_ROUTE}, {@code refuse …}. */
    private static String route(RoutingView view, String from, String to) {
        Route route =
                Router.route(view, new OrganisationId(from), Address.parse(to).orBug(), NOW);
        if (route instanceof Route.Forward forward) {
            StringBuilder text = new StringBuilder(forward.neighbour().text());
            forward.alternatives().forEach(other -> text.append(" or ").append(other));
            return text.toString();
        }
        if (route instanceof Route.Hold hold) {
            return "hold " + hold.why().reason();
        }
        if (route instanceof Route.Refuse refuse) {
            return "refuse " + refuse.why().reason() + ": " + refuse.why().detail();
        }
        return "here";
    }

    @ParameterizedTest(name = "{0} to {1}: {2}")
    @CsvSource({
        "C1, C1, here",
        "C1, C1/eoffice, here",
        "C1, C1.OFFICE, here",
        "C1, H, D1",
        "C1, C3, D1",
        "C1, V, V",
        "H, V, D1",
        "H, C1.OFFICE, D1",
        "D1, V, C1",
        "D2, C1, H",
        "H, C2, D1 or D2",
        "C2, H, D1 or D2",
        "D2, C2, C2",
        "H, ALONE, hold NO_ROUTE",
        "C1, NEW, hold NO_ROUTE",
        "ALONE, C1, hold NO_ROUTE",
    })
    void aRouteIsTheChildOnTheWayOrUp(String from, String to, String expected) {
        assertThat(route(TREE, from, to)).isEqualTo(expected);
    }

    @Test
    void anUnknownRecipientIsRefusedWithTheNearestKnown() {
        assertThat(route(TREE, "C1", "C9")).isEqualTo("refuse UNKNOWN_RECIPIENT: C9: the nearest known is C1");
    }

    @Test
    void aClosedRecipientIsRefusedWithItsSuccessor() {
        TestTree merged = TREE.next().close("C3", "D2");
        assertThat(route(merged, "C1", "C3")).isEqualTo("refuse RECIPIENT_CLOSED: C3: its successor is D2");
        assertThat(route(merged.next().close("C3", ""), "C1", "C3"))
                .isEqualTo("refuse RECIPIENT_CLOSED: C3 has no successor");
    }

    @Test
    void aLoopOfParentsDoesNotHangTheRouter() {
        TestTree loop = TestTree.of("A<B; B<C; C<A; X");
        assertThat(route(loop, "X", "A")).isEqualTo("hold NO_ROUTE");
    }
}
