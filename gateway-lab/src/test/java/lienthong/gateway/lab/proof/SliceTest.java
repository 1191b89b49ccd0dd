package lienthong.gateway.lab.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SliceTest {
    @Test
    void everySliceIsSeededByTheCommitAndSaysItsSeed() throws Exception {
        Path here = Slice.ROOT.resolve("gateway-lab/src/test/java/lienthong/gateway/lab/proof");
        try (Stream<Path> files = Files.list(here)) {
            List<Path> slices =
                    files.filter(file -> file.toString().endsWith("IT.java")).toList();
            assertThat(slices).isNotEmpty();
            for (Path slice : slices) {
                assertThat(Files.readString(slice)).as(slice.toString()).containsPattern("Slice\\.(good|seed)\\(");
            }
        }
    }

    @Test
    void theSameCommitGivesTheSameSeed() throws Exception {
        assertThat(Slice.seed(Slice.ROOT)).isEqualTo(Slice.seed(Slice.ROOT));
    }
}
