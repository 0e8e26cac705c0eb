package dev.tocsin.ingest.receive;

import dev.tocsin.common.otlp.Signal;
import dev.tocsin.ingest.body.BodyFormat;

/** What the headers of a call say of its body. */
public record Payload(String transport, Signal signal, BodyFormat format) {}
