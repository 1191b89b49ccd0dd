package lienthong.gateway.delivery;

/** Takes what happened. Called in the loop, must be quick. */
@FunctionalInterface
public interface DeliveryEvents {
    void happened(DeliveryEvent event);
}
