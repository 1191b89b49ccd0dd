package lienthong.gateway.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import lienthong.gateway.message.Bug;
import org.junit.jupiter.api.Test;

class StateTablesTest {
    @Test
    void theDocumentationShowsTheTablesAsTheyAre() throws IOException {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs/spec"))) {
            folder = folder.getParent();
        }
        String page = Files.readString(folder.resolve("docs/spec/custody.md"));
        assertThat(page).contains("```\n" + HopState.table() + "```").contains("```\n" + CopyState.table() + "```");
    }

    @Test
    void whatCannotHappenIsABugThatNamesBoth() {
        assertThatThrownBy(() -> HopState.HELD.on(HopEvent.CUSTODY))
                .isInstanceOf(Bug.class)
                .hasMessage("a branch that is held cannot see CUSTODY");
        assertThatThrownBy(() -> CopyState.CONSUMED.on(CopyEvent.LEASED)).isInstanceOf(Bug.class);
    }

    @Test
    void nothingLeavesAnEnd() {
        for (CopyEvent event : CopyEvent.values()) {
            assertThatThrownBy(() -> CopyState.RETURNED.on(event)).isInstanceOf(Bug.class);
        }
        for (HopEvent event : HopEvent.values()) {
            if (event == HopEvent.CUSTODY
                    || event == HopEvent.REFUSED
                    || event == HopEvent.LOST
                    || event == HopEvent.ENDED) {
                assertThat(HopState.DONE.on(event)).isEqualTo(HopState.DONE);
            } else {
                assertThatThrownBy(() -> HopState.DONE.on(event)).isInstanceOf(Bug.class);
            }
        }
    }
}
