package dev.tocsin.app.conformance.check;

/** A case and how it ended, after how long. */
public record Result(ConformanceCase of, CaseOutcome outcome, long millis) {}
