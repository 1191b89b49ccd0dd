package lienthong.gateway.lab.promise;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import lienthong.gateway.lab.process.DaemonOptions;
import lienthong.gateway.lab.province.Commands;
import lienthong.gateway.lab.province.LabNode;
import lienthong.gateway.lab.province.Province;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row B33 with real processes: a second one says why it cannot, by number and exit code, and the first keeps serving. */
class SecondProcessIT {
    private static final List<String> JVM = DaemonOptions.shortLived(128);

    @TempDir
    Path folder;

    @Test
    void b33TheSecondProcessOnADataFolderOrPortIsRefusedAndTheFirstKeepsServing() throws Exception {
        try (Province province = Province.create(
                folder.resolve("p"),
                Path.of(System.getProperty("lienthong.root"), "samples", "network", "binh-dinh-2020.yaml"))) {
            LabNode hub = province.join("A08", "", JVM);
            LabNode district = province.join("A08.02", "A08", JVM);
            hub.start();
            long pid = hub.awaitServing().getPid();

            Commands.Answer sameFolder =
                    province.commands().run("run", "--data", hub.data().toString());
            assertThat(sameFolder.exitCode()).as("%s", sameFolder).isEqualTo(69);
            assertThat(sameFolder.isRefusedWith("DATA_IN_USE"))
                    .as("%s", sameFolder)
                    .isTrue();
            assertThat(sameFolder.toString()).as("names who has it").contains(Long.toString(pid));
            assertServes(province, hub, pid);

            Path config = district.data().resolve("lienthong.yaml");
            String own = Files.readString(config).replaceAll("(?m)^listen:.*\\R?", "");
            Files.writeString(config, own + "\nlisten: \"" + hub.listen() + "\"\n");
            Commands.Answer samePort =
                    province.commands().run("run", "--data", district.data().toString());
            assertThat(samePort.exitCode()).as("%s", samePort).isEqualTo(69);
            assertThat(samePort.isRefusedWith("PORT_IN_USE")).as("%s", samePort).isTrue();
            assertThat(samePort.toString()).as("names the place").contains(hub.listen());
            assertServes(province, hub, pid);

            Files.writeString(config, own);
            district.start();
            assertThat(district.awaitServing().getPid())
                    .as("what could not start has left nothing behind that hinders the next start")
                    .isPositive();
        }
    }

    private static void assertServes(Province province, LabNode node, long pid) throws Exception {
        Commands.Answer status =
                province.commands().must("status", "--data", node.data().toString());
        assertThat(status.json().get("pid").getAsLong()).isEqualTo(pid);
        assertThat(status.json().get("condition").getAsString()).isNotEqualTo("red");
    }
}
