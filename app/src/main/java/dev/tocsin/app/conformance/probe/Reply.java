package dev.tocsin.app.conformance.probe;

/** What followed a request. */
public sealed interface Reply permits Answer, NoAnswer {
  /** In words, for reports. */
  String describe();
}
