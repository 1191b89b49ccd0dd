package lienthong.gateway.lab.province;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.lab.province.LinkEmulator.End;
import org.junit.jupiter.api.Test;

class LinkEmulatorIT {
    private static final Path ROOT =
            Path.of(System.getProperty("lienthong.root", ".")).toAbsolutePath();

    private static LinkEmulator link(int number, Optional<LinkEmulator> other) throws Exception {
        LinkEmulator.Made made = LinkEmulator.start(ROOT, number, other, 7);
        assumeThat(made.link()).as("needs root and TUN: %s", made.unavailable()).isPresent();
        return made.link().orElseThrow();
    }

    private static String addresses(LinkEmulator link, End end) throws Exception {
        List<String> command = new ArrayList<>(link.inside(end));
        command.addAll(List.of("ip", "-br", "address"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    @Test
    void twoLinksShareOneEndAndAreGoneAfterwards() throws Exception {
        String left;
        try (LinkEmulator first = link(0, Optional.empty());
                LinkEmulator second = link(1, Optional.of(first))) {
            left = first.namespace(End.A);
            assertThat(second.namespace(End.B)).isEqualTo(first.namespace(End.B));
            assertThat(addresses(first, End.B)).contains(first.address(End.B), second.address(End.B));
            assertThat(addresses(second, End.A)).contains(second.address(End.A)).doesNotContain(first.address(End.A));
        }
        Process list = new ProcessBuilder("ip", "netns", "list").start();
        assertThat(new String(list.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .doesNotContain(left);
    }

    @Test
    void itObeysOrdersAndRefusesOthers() throws Exception {
        try (LinkEmulator link = link(0, Optional.empty())) {
            for (String order :
                    List.of("cut", "heal", "cut ba", "heal", "set rate=64kbit delay=5ms", "reset ab", "half ba")) {
                link.order(order);
            }
            assertThat(link.counts()).containsEntry("reset", 0L).containsKeys("cut", "lost", "carried");
            assertThatThrownBy(() -> link.order("mend"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("mend");
        }
    }
}
