package dev.tocsin.app.conformance.probe;

/** One header field, sent as it stands. */
public record Header(String name, String value) {}
