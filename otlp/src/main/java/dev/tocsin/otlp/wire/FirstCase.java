package dev.tocsin.otlp.wire;

/**
 * The first of the items that were rejected for one reason.
 *
 * @param expected what could be stored
 * @param cause what is likely behind it, in the same words for all that are alike
 * @param example what it says itself
 * @param service {@code service.name} of its resource; empty when there is none
 */
public record FirstCase(String expected, String cause, String example, String service) {}
