package lienthong.gateway.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import lienthong.gateway.delivery.Records.Client;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.MessageStore;

/** An application's own ids: the first answer is given again, another meaning under one id is refused, two at once become one. */
final class ClientIds {
    private final Remembered<Client> answered;
    private final Map<String, Claim> underWay = new HashMap<>();

    ClientIds(MessageStore store, Turn turn) {
        this.answered = new Remembered<>(
                store,
                turn,
                Kind.CLIENT,
                Client::decode,
                Client::encode,
                client -> name(client.sender(), client.client()));
    }

    private static String name(Address sender, ClientId client) {
        return sender + " " + client.text();
    }

    void recover(long key, Bytes value) {
        answered.recover(key, value);
    }

    Optional<Client> find(Address sender, ClientId client) {
        return answered.find(name(sender, client));
    }

    void claim(Address sender, ClientRequest request, Consumer<ClientClaim> answer) {
        String name = name(sender, request.id());
        Claim claim = underWay.get(name);
        if (claim != null) {
            claim.waiting.add(new Waiting(request, answer));
            return;
        }
        Optional<Client> before = answered.find(name);
        if (before.isPresent()) {
            answer.accept(judge(before.get(), request.request()));
            return;
        }
        underWay.put(name, new Claim());
        answer.accept(new ClientClaim.Fresh());
    }

    private static ClientClaim judge(Client before, Hash request) {
        return before.request().equals(request)
                ? new ClientClaim.Before(before.id(), before.acceptedAt())
                : new ClientClaim.Reused(Refusal.of(
                        ErrorCode.ID_REUSED,
                        "client id {0} was used for message {1} with other content",
                        before.client(),
                        before.id()));
    }

    /** The first answer; in the batch of this turn. Those who wait for it hear of it by {@link #release}, after it is durable. */
    void answered(Address sender, ClientRequest request, MessageId id, Instant at) {
        answered.add(new Client(sender, request.id(), request.request(), id, at));
    }

    /** The claim is over, with an answer or without: whoever waits is judged anew. */
    void release(Address sender, ClientRequest request) {
        Claim claim = underWay.remove(name(sender, request.id()));
        if (claim != null) {
            claim.waiting.forEach(next -> claim(sender, next.request, next.answer));
        }
    }

    void sweep(Instant now, Duration kept) {
        answered.sweep(client -> client.acceptedAt().plus(kept).isBefore(now));
    }

    private static final class Claim {
        private final List<Waiting> waiting = new ArrayList<>();
    }

    private record Waiting(ClientRequest request, Consumer<ClientClaim> answer) {}
}
