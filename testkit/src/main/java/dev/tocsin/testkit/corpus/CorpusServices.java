package dev.tocsin.testkit.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The 40 services of the corpus, their resources and operations; the lower the busier. */
final class CorpusServices {
  static final int COUNT = 40;
  static final int OPERATIONS = 6;
  private static final double ZIPF = 0.9;
  private static final int INSTANCES = 3;
  private static final List<String> NAMES =
      List.of(
          "frontend",
          "cart",
          "checkout",
          "payment",
          "catalogue",
          "search",
          "user",
          "session",
          "recommendation",
          "shipping",
          "email",
          "currency",
          "ad",
          "quote",
          "inventory",
          "order",
          "billing",
          "invoice",
          "fraud",
          "review",
          "image",
          "price",
          "promotion",
          "loyalty",
          "address",
          "tax",
          "return",
          "wishlist",
          "notification",
          "feature",
          "geo",
          "audit",
          "report",
          "export",
          "import",
          "scheduler",
          "mail-relay",
          "archive",
          "backup",
          "canary");
  private static final List<String> RESOURCES =
      List.of(
          "items",
          "carts",
          "orders",
          "payments",
          "users",
          "sessions",
          "prices",
          "images",
          "addresses",
          "reviews");

  private final double[] cumulated = new double[COUNT];

  CorpusServices() {
    double sum = 0;
    for (int i = 0; i < COUNT; i++) {
      sum += 1 / Math.pow(i + 1, ZIPF);
      cumulated[i] = sum;
    }
  }

  int pick(SplittableRandom random) {
    double at = random.nextDouble() * cumulated[COUNT - 1];
    for (int i = 0; i < COUNT; i++) {
      if (at < cumulated[i]) {
        return i;
      }
    }
    return COUNT - 1;
  }

  static String name(int service) {
    return NAMES.get(service);
  }

  static List<String> names() {
    return NAMES;
  }

  static String noun(int service, int operation) {
    return RESOURCES.get((service * 3 + operation) % RESOURCES.size());
  }

  static int instances() {
    return INSTANCES;
  }

  /** Writes a {@code Resource} as field 1 of the message that is open. */
  static void resource(ProtoWriter out, int service, int instance) {
    out.begin(1);
    out.attribute(1, "service.name", name(service));
    out.attribute(1, "service.namespace", "shop");
    out.attribute(1, "service.version", "1." + service % 7 + ".3");
    out.attribute(1, "service.instance.id", name(service) + "-7d9f8b6c5-" + "abc".charAt(instance));
    out.attribute(1, "deployment.environment.name", "production");
    out.attribute(1, "k8s.pod.name", name(service) + "-7d9f8b6c5-" + "abc".charAt(instance));
    out.attribute(1, "k8s.namespace.name", "shop");
    out.attribute(1, "telemetry.sdk.language", service % 3 == 0 ? "go" : "java");
    out.attribute(1, "telemetry.sdk.name", "opentelemetry");
    out.end();
  }

  /** Writes an {@code InstrumentationScope} as field 1 of the message that is open. */
  static void scope(ProtoWriter out) {
    out.begin(1);
    out.text(1, "io.opentelemetry.shop");
    out.text(2, "2.12.0");
    out.end();
  }

  static List<String> userAgents() {
    List<String> agents = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      agents.add(
          "Mozilla/5.0 (%s) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.%d.%d Safari/537.36"
              .formatted(
                  i % 3 == 0 ? "Windows NT 10.0; Win64; x64" : "X11; Linux x86_64",
                  100 + i % 40,
                  4000 + i * 7,
                  i));
    }
    return agents;
  }
}
