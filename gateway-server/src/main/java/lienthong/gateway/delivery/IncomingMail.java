package lienthong.gateway.delivery;

import java.util.Optional;
import java.util.function.Consumer;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.routing.Route;
import lienthong.gateway.store.DiskGate;

/** Receipts and notices from neighbours: judged where they end, stored and passed on elsewhere; custody after that is durable. */
final class IncomingMail {
    private static final long ROOM_BYTES = 4_096;

    private final Desks desks;

    IncomingMail(Desks desks) {
        this.desks = desks;
    }

    void receiptArrived(OrganisationId from, RoutedReceipt receipt, Consumer<TakenOver> answer) {
        if (desks.route(receipt.to()) instanceof Route.DeliverHere) {
            desks.origin.receiptCame(
                    receipt,
                    refusal -> refusal.ifPresentOrElse(
                            why -> answer.accept(new TakenOver.Rejected(why)), () -> custody(from, answer)));
            return;
        }
        if (desks.homeward.isEverywhere(receipt)) {
            answer.accept(desks.intake.busy(
                    from,
                    Refusal.of(
                            ErrorCode.ADMISSION, "a receipt that is on its way to {0} senders", Homeward.SENDERS_MAX)));
            return;
        }
        if (hasRoom(from, answer)) {
            desks.homeward.send(receipt, Optional.of(from));
            custody(from, answer);
        }
    }

    void noticeArrived(OrganisationId from, RoutedNotice notice, Consumer<TakenOver> answer) {
        if (desks.route(notice.notice().recipient()) instanceof Route.DeliverHere) {
            if (notice.notice() instanceof Notice.Rewrap) {
                desks.rewraps.came(
                        notice,
                        refusal -> refusal.ifPresentOrElse(
                                why -> answer.accept(new TakenOver.Rejected(why)), () -> custody(from, answer)));
                return;
            }
            desks.local.noticeCame(notice);
            custody(from, answer);
        } else if (hasRoom(from, answer)) {
            desks.homeward.send(notice, Optional.of(from));
            custody(from, answer);
        }
    }

    private void custody(OrganisationId from, Consumer<TakenOver> answer) {
        long number = desks.books.next(from);
        desks.turn.whenDurable(() -> answer.accept(new TakenOver.Custody(number)));
    }

    /** A receipt that does not fit stays with its sender. */
    private boolean hasRoom(OrganisationId from, Consumer<TakenOver> answer) {
        DiskGate.Traffic traffic = desks.trafficFrom(Optional.of(from));
        Result<Long> room = desks.store.gate().take(traffic, DiskGate.Weight.RECEIPT, ROOM_BYTES);
        if (!room.isOk()) {
            Refusal why = room.refusal();
            answer.accept(desks.intake.busy(from, why));
            return false;
        }
        // Small and soon gone: asked for, not counted against the traffic's share.
        desks.store.gate().release(traffic, ROOM_BYTES);
        return true;
    }
}
