package lienthong.gateway.lab.proof;

import java.nio.file.Path;
import java.util.Map;
import lienthong.gateway.lab.province.Place;

/** What a network's nodes stand on, so that a fault can strike it: made before they join, unmade after they have ended. */
interface Ground extends AutoCloseable {
    /** The machine as it is. */
    Ground PLAIN = new Ground() {};

    /**
     * Where the node of an office keeps its data.
     *
     * @param usual where it lies when nothing is said
     */
    default Path data(String code, Path usual) {
        return usual;
    }

    /** Added to the environment of the node's process. */
    default Map<String, String> environment(String code) {
        return Map.of();
    }

    /** Where the node of an office runs and finds its parent. */
    default Place place(String code) {
        return Place.local();
    }

    @Override
    default void close() {}
}
