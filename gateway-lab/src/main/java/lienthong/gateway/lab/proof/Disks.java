package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import lienthong.gateway.lab.province.LabNode;

/**
 * A disk of its own under every node: ext4 on a loop device, {@code data=ordered} or {@code data=writeback} as the seed draws, whose power
 * can be cut ({@code proof/tools/powerdisks}). Used by one thread once the nodes have joined.
 */
final class Disks implements Ground {
    private static final List<String> MODES = List.of("data=ordered", "data=writeback");

    private final Steered tool;
    private final String size;
    private final Random random;
    private final Map<String, Path> points = new HashMap<>();

    private Disks(Steered tool, String size, Random random) {
        this.tool = tool;
        this.size = size;
        this.random = random;
    }

    /**
     * Looks whether this machine can.
     *
     * @param size of each disk, as {@code truncate} takes it; only what is written takes room
     */
    static Means<Disks> open(Kind.Setting setting, String size, Random random) throws IOException {
        Path images = Files.createDirectories(setting.folder().resolve("disks"));
        return Steered.start(setting.home(), "powerdisks", List.of(images.toString()))
                .map(tool -> new Disks(tool, size, random));
    }

    @Override
    public synchronized Path data(String code, Path usual) {
        return points.computeIfAbsent(code, one -> {
                    try {
                        return Path.of(
                                tool.say("make " + one + " " + size + " " + MODES.get(random.nextInt(MODES.size()))));
                    } catch (IOException dead) {
                        throw new UncheckedIOException(dead);
                    }
                })
                .resolve("data");
    }

    /** The power of these nodes' disks fails at one moment; their processes are gone when this returns. */
    void cut(List<LabNode> nodes) throws IOException, InterruptedException {
        String unused = tool.say("cut "
                + nodes.stream().map(node -> node.code() + "=" + node.pid()).collect(Collectors.joining(" ")));
        for (LabNode node : nodes) {
            node.kill();
        }
    }

    /** The disk fails under the living node: what was written is safe, and every later access gets EIO. */
    void die(LabNode node) throws IOException {
        String unused = tool.say("die " + node.code());
    }

    /** Mounts again the disk of a node that does not run: what was committed is there. */
    void back(LabNode node) throws IOException {
        String unused = tool.say("back " + node.code());
    }

    /** Takes all but so many bytes of the disk's free space away; gives what is left and what the disk has, in words. */
    String leave(LabNode node, long bytes) throws IOException {
        return tool.say("free " + node.code() + " " + bytes);
    }

    /** Gives back what {@link #leave} took. */
    void giveBack(LabNode node) throws IOException {
        String unused = tool.say("free " + node.code() + " -1");
    }

    @Override
    public void close() {
        tool.close();
    }
}
