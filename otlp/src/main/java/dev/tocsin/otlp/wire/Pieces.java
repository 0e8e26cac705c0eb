package dev.tocsin.otlp.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The entries of a request, and pieces that stand for one in its place, under one numbering: an
 * entry has its own number, pieces have those after the last entry's.
 */
final class Pieces {
  private record Cut(int entry, MetricCutter.Piece piece) {}

  private final OtlpRequest request;
  private final List<Cut> cuts = new ArrayList<>();
  private int first;
  private int labelsOf = -1;
  private LabelCheck labels;

  Pieces(OtlpRequest request) {
    this.request = request;
    this.labels = new LabelCheck(null, request.bytes(), 0, 0);
  }

  /** Entries of one resource follow each other, so that each resource is read once at most. */
  private LabelCheck labels(int resource) {
    if (resource != labelsOf) {
      labelsOf = resource;
      labels =
          new LabelCheck(
              request.limits().labels(),
              request.bytes(),
              request.resourceStart(resource),
              request.resourceEnd(resource));
    }
    return labels;
  }

  /**
   * Cuts a metric.
   *
   * @param pieceBytesMax of one piece
   * @param pieceMemoryMax of one piece, with what the series repeat of their resource
   * @param rejected gets the points that fit no piece
   * @return the number of the last piece; {@link #first} tells the first, which is greater when
   *     there is none
   */
  int cut(int entry, int pieceBytesMax, long pieceMemoryMax, Map<Rejection, Integer> rejected) {
    first = request.entryCount() + cuts.size();
    MetricCutter.cut(
            request.bytes(),
            request.limits(),
            labels(request.scopeResource(request.entryScope(entry))),
            request.entryStart(entry),
            request.entryEnd(entry),
            pieceBytesMax,
            Memory.withoutRepeating(pieceMemoryMax, identity(entry)),
            rejected)
        .forEach(piece -> cuts.add(new Cut(entry, piece)));
    return request.entryCount() + cuts.size() - 1;
  }

  /** Of the pieces cut last. */
  int first() {
    return first;
  }

  private boolean isCut(int number) {
    return number >= request.entryCount();
  }

  private Cut cut(int number) {
    return cuts.get(number - request.entryCount());
  }

  private int entry(int number) {
    return isCut(number) ? cut(number).entry() : number;
  }

  int scope(int number) {
    return request.entryScope(entry(number));
  }

  long hash(int number) {
    return request.entryHash(entry(number));
  }

  int items(int number) {
    return isCut(number) ? cut(number).piece().points() : request.entryItems(number);
  }

  int length(int number) {
    return isCut(number)
        ? cut(number).piece().bytes().length
        : request.entryEnd(number) - request.entryStart(number);
  }

  /** See {@link Memory}. */
  long memory(int number) {
    return isCut(number)
        ? Memory.repeating(cut(number).piece().memory(), identity(cut(number).entry()))
        : request.entryMemory(number);
  }

  private int identity(int entry) {
    return request.resourceIdentity(request.scopeResource(request.entryScope(entry)));
  }

  void writeTo(WireOutput out, int number) {
    if (isCut(number)) {
      out.bytes(cut(number).piece().bytes());
    } else {
      out.bytes(request.bytes(), request.entryStart(number), request.entryEnd(number));
    }
  }
}
