package dev.tocsin.segment.summary;

import dev.tocsin.segment.span.SpanRow;
import java.util.Set;

/** What the attributes of a client span tell of the other side. Reused from span to span. */
final class Peer {
  private static final Set<String> KEYS =
      Set.of(
          "service.peer.name",
          "peer.service",
          "server.address",
          "net.peer.name",
          "db.system.name",
          "db.system",
          "db.namespace",
          "db.name",
          "messaging.system",
          "messaging.destination.name");

  private String service = "";
  private String address = "";
  private String database = "";
  private String namespace = "";
  private String messaging = "";
  private String destination = "";

  static boolean isTold(String key) {
    return KEYS.contains(key);
  }

  /** Takes what a span tells in place of what the one before told. */
  void read(SpanRow row) {
    clear();
    for (int i = 0; i < row.attributes(); i++) {
      tell(row.key(i), row.text(i));
    }
  }

  private void tell(String key, String value) {
    switch (key) {
      case "service.peer.name" -> service = value;
      case "peer.service" -> service = service.isEmpty() ? value : service;
      case "server.address" -> address = value;
      case "net.peer.name" -> address = address.isEmpty() ? value : address;
      case "db.system.name" -> database = value;
      case "db.system" -> database = database.isEmpty() ? value : database;
      case "db.namespace" -> namespace = value;
      case "db.name" -> namespace = namespace.isEmpty() ? value : namespace;
      case "messaging.system" -> messaging = value;
      case "messaging.destination.name" -> destination = value;
      default -> {}
    }
  }

  boolean isDatabase() {
    return !database.isEmpty();
  }

  /** Its name on the map; empty when nothing is known of it. */
  String name() {
    if (!service.isEmpty()) {
      return service;
    }
    if (isDatabase()) {
      return namespace.isEmpty() ? database : database + "/" + namespace;
    }
    if (!messaging.isEmpty()) {
      return destination.isEmpty() ? messaging : messaging + "/" + destination;
    }
    return address;
  }

  /** How it is connected when it sends no spans. */
  String connectionType() {
    if (isDatabase()) {
      return EdgeTable.DATABASE;
    }
    return messaging.isEmpty() ? EdgeTable.VIRTUAL : EdgeTable.MESSAGING;
  }

  private void clear() {
    service = "";
    address = "";
    database = "";
    namespace = "";
    messaging = "";
    destination = "";
  }
}
