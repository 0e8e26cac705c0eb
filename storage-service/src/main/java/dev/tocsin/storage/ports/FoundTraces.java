package dev.tocsin.storage.ports;

import java.util.List;

/**
 * The places of traces that were found, without the rest of them.
 *
 * @param places newest first
 * @param partial whether there may be more, as {@link TracePage#partial}
 */
public record FoundTraces(List<TraceCursor> places, boolean partial) {
  public FoundTraces {
    places = List.copyOf(places);
  }
}
