package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.gateway.lab.province.LinkEmulator;
import lienthong.gateway.lab.province.LinkEmulator.End;
import lienthong.gateway.lab.province.Place;

/**
 * The hub in a network namespace of its own, each district with its communes in another, and between them nothing but an emulated link each. Used by
 * one thread.
 */
final class LinkGround implements Ground {
    private static final List<String> DISTRICTS = List.of("A08.01", "A08.02");

    private final List<LinkEmulator> links;

    private LinkGround(List<LinkEmulator> links) {
        this.links = List.copyOf(links);
    }

    /** @param order that each link is given at once */
    static Means<LinkGround> make(Path home, long seed, String order) throws IOException, InterruptedException {
        List<LinkEmulator> links = new ArrayList<>();
        try {
            for (int i = 0; i < DISTRICTS.size(); i++) {
                LinkEmulator.Made made = LinkEmulator.start(
                        home, i, links.isEmpty() ? Optional.empty() : Optional.of(links.get(0)), seed + i);
                if (made.link().isEmpty()) {
                    close(links);
                    return new Means.Missing<>(made.unavailable());
                }
                links.add(made.link().get());
                links.get(i).order(order);
            }
            return new Means.Here<>(new LinkGround(links));
        } catch (IOException | InterruptedException | RuntimeException failed) {
            close(links);
            throw failed;
        }
    }

    /** The links between hub and districts. */
    List<LinkEmulator> links() {
        return links;
    }

    @Override
    public Place place(String code) {
        if (code.equals(ProofNetwork.HUB)) {
            return new Place(links.get(0).inside(End.B), "0.0.0.0", "");
        }
        for (int i = 0; i < DISTRICTS.size(); i++) {
            LinkEmulator link = links.get(i);
            if (code.equals(DISTRICTS.get(i))) {
                return new Place(link.inside(End.A), "127.0.0.1", link.address(End.B));
            }
            if (code.startsWith(DISTRICTS.get(i) + ".")) {
                return Place.within(link.inside(End.A));
            }
        }
        throw new LabFailed(code + " has no place behind a link");
    }

    @Override
    public void close() {
        close(links);
    }

    /** The one whose namespace the others share goes last. */
    private static void close(List<LinkEmulator> links) {
        for (int i = links.size() - 1; i >= 0; i--) {
            links.get(i).close();
        }
    }
}
