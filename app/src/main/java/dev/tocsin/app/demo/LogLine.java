package dev.tocsin.app.demo;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.logs.Severity;

/** A log record written by an operation, correlated with its span. */
record LogLine(Severity severity, String body, Attributes attributes) {}
