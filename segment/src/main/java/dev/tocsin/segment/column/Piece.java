package dev.tocsin.segment.column;

/** Some bytes of one of a segment's blobs. */
public record Piece(int blob, int from, int length) {}
