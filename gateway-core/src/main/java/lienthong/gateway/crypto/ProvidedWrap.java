package lienthong.gateway.crypto;

import lienthong.gateway.message.Bytes;

/**
 * What the State cipher service's product puts into a slot.
 *
 * @param enc of the size that {@link InstalledCipher#encBytes} says
 * @param wrap 16 bytes longer than the text
 */
public record ProvidedWrap(Bytes enc, Bytes wrap) {}
