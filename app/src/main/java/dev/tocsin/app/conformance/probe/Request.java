package dev.tocsin.app.conformance.probe;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One request as it goes over the wire.
 *
 * @param timeoutFactor how many times the ordinary time-out it may take
 */
public record Request(
    ReceiverKind endpoint,
    Version version,
    String method,
    String path,
    List<Header> headers,
    Body body,
    Framing framing,
    int timeoutFactor) {

  /** The protocol below. */
  public enum Version {
    HTTP_1_1,
    HTTP_2
  }

  /** How the body's end is told. */
  public enum Framing {
    /** HTTP/1.1: with Content-Length. HTTP/2: in frames of up to 16 KiB. */
    LENGTH,
    /** HTTP/1.1: chunked. HTTP/2: a few bytes in each frame. */
    CHUNKED,
    /** Nothing is added to the headers and the body. HTTP/2: the stream stays open. */
    AS_GIVEN,
    /** HTTP/1.1: the empty line that ends the headers is never sent. */
    UNFINISHED_HEAD
  }

  public Request {
    headers = List.copyOf(headers);
  }

  public static Request post(ReceiverKind endpoint, Version version, String path, Body body) {
    return new Request(endpoint, version, "POST", path, List.of(), body, Framing.LENGTH, 1);
  }

  public Request method(String other) {
    return new Request(endpoint, version, other, path, headers, body, framing, timeoutFactor);
  }

  public Request path(String other) {
    return new Request(endpoint, version, method, other, headers, body, framing, timeoutFactor);
  }

  public Request version(Version other) {
    return new Request(endpoint, other, method, path, headers, body, framing, timeoutFactor);
  }

  public Request endpoint(ReceiverKind other) {
    return new Request(other, version, method, path, headers, body, framing, timeoutFactor);
  }

  public Request body(Body other) {
    return new Request(endpoint, version, method, path, headers, other, framing, timeoutFactor);
  }

  public Request framing(Framing other) {
    return new Request(endpoint, version, method, path, headers, body, other, timeoutFactor);
  }

  public Request patient(int factor) {
    return new Request(endpoint, version, method, path, headers, body, framing, factor);
  }

  /** Replaces headers of that name. */
  public Request with(String name, String value) {
    List<Header> more = new ArrayList<>(headers);
    more.removeIf(h -> h.name().equals(name));
    more.add(new Header(name, value));
    return new Request(endpoint, version, method, path, more, body, framing, timeoutFactor);
  }

  /** Adds a header, even a second one of that name. */
  public Request plus(List<Header> others) {
    List<Header> more = new ArrayList<>(headers);
    more.addAll(others);
    return new Request(endpoint, version, method, path, more, body, framing, timeoutFactor);
  }

  public Request without(String name) {
    List<Header> fewer = headers.stream().filter(h -> !h.name().equals(name)).toList();
    return new Request(endpoint, version, method, path, fewer, body, framing, timeoutFactor);
  }

  public Optional<String> header(String name) {
    return headers.stream().filter(h -> h.name().equals(name)).map(Header::value).findFirst();
  }

  /** In words, for reports. */
  public String describe() {
    StringBuilder text = new StringBuilder(method).append(' ').append(path);
    int shown = Math.min(headers.size(), 6);
    headers.subList(0, shown).stream()
        .filter(h -> !h.name().equals("te"))
        .forEach(h -> text.append(", ").append(h.name()).append(": ").append(Curl.cut(h.value())));
    if (shown < headers.size()) {
      text.append(", ").append(headers.size() - shown).append(" more headers");
    }
    switch (framing) {
      case CHUNKED -> text.append(", in small pieces");
      case UNFINISHED_HEAD -> text.append(", headers without their end");
      default -> {}
    }
    text.append("; ").append(body.what());
    if (body.length() > 0) {
      text.append(" (").append(body.length()).append(" bytes)");
    }
    return text.toString();
  }
}
