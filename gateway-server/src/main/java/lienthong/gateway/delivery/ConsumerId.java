package lienthong.gateway.delivery;

/** An application's attachment to one address, for the life of its stream. */
public record ConsumerId(long value) {}
