package lienthong.gateway.delivery;

import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.TreeMap;
import lienthong.gateway.message.OrganisationId;
import org.jspecify.annotations.Nullable;

/** What is for one neighbour: queue, receipts, questions, and what is with its session. Kept while the process lives. */
final class Neighbour {
    final OrganisationId id;
    final PrecedenceQueue<Leg> queue = new PrecedenceQueue<>();
    final TreeMap<Long, Road> roads = new TreeMap<>();
    /** In order, each once however often it is asked. */
    final LinkedHashSet<Query> queries = new LinkedHashSet<>();

    final LinkedHashSet<Known> answers = new LinkedHashSet<>();
    /** By token: a {@link Leg} or a {@link Road}. */
    final Map<Long, Given> given = new LinkedHashMap<>();

    final Map<Long, Leg> deferred = new HashMap<>();

    boolean up;

    @Nullable
    Instant awaySince;

    Dues.@Nullable Due alternativeDue;
    boolean waking;

    Neighbour(OrganisationId id) {
        this.id = id;
    }

    /** What a session has and does not answer for yet. */
    sealed interface Given {
        record OfLeg(Leg leg) implements Given {}

        record OfRoad(Road road) implements Given {}
    }
}
