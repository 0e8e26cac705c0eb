package dev.tocsin.ingest.body;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** How a body is compressed, with the names it has in HTTP and gRPC. */
public enum ContentEncoding {
  IDENTITY("identity", ""),
  GZIP("gzip", "x-gzip"),
  ZSTD("zstd", "zstd"),
  /** zlib; a bare deflate stream is taken too. */
  DEFLATE("deflate", "zlib"),
  /** A block or a framed stream, told by their first bytes. */
  SNAPPY("snappy", "x-snappy-framed");

  /** What is offered to clients, for {@code Accept-Encoding} and {@code grpc-accept-encoding}. */
  public static final String ACCEPTED =
      Arrays.stream(values()).map(ContentEncoding::label).collect(Collectors.joining(","));

  private final String label;
  private final String alias;

  ContentEncoding(String label, String alias) {
    this.label = label;
    this.alias = alias;
  }

  /** Its usual name. */
  public String label() {
    return label;
  }

  /**
   * Empty for what is not offered: another encoding, or a chain of several, which no OTLP client
   * has use for.
   *
   * @param headers the values of all such headers of the request; none means identity
   */
  public static Optional<ContentEncoding> of(List<String> headers) {
    if (headers.size() > 1) {
      return Optional.empty();
    }
    String name = headers.isEmpty() ? "" : headers.get(0).strip().toLowerCase(Locale.ROOT);
    return Arrays.stream(values()).filter(encoding -> encoding.is(name)).findFirst();
  }

  private boolean is(String name) {
    return name.equals(label) || name.equals(alias);
  }
}
