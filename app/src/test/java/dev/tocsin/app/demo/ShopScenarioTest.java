package dev.tocsin.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.trace.SpanKind;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class ShopScenarioTest {
  private static final int VISITS = 2_000;

  private static List<Operation> play(Optional<Fault> fault) {
    ShopScenario scenario = new ShopScenario(new Random(7));
    return Stream.generate(() -> scenario.next(fault)).limit(VISITS).toList();
  }

  private static Stream<Operation> all(Operation root) {
    return Stream.concat(
        Stream.of(root),
        Stream.concat(root.steps().stream(), root.followers().stream())
            .flatMap(ShopScenarioTest::all));
  }

  private static Stream<Operation> spans(Optional<Fault> fault) {
    return play(fault).stream().flatMap(ShopScenarioTest::all);
  }

  private static double failedShare(Optional<Fault> fault, ShopService service, String name) {
    List<Operation> some =
        spans(fault).filter(o -> o.service() == service && o.name().equals(name)).toList();
    assertThat(some).hasSizeGreaterThan(50);
    return some.stream().filter(o -> o.failure().isPresent()).count() / (double) some.size();
  }

  private static String text(Operation operation, String key) {
    return operation.attributes().get(AttributeKey.stringKey(key));
  }

  @Test
  void shop_isTheSame_forTheSameRandomness() {
    assertThat(play(Optional.empty())).isEqualTo(play(Optional.empty()));
  }

  @Test
  void shop_usesEveryServiceAndKindOfSpan() {
    EnumSet<ShopService> services = EnumSet.noneOf(ShopService.class);
    EnumSet<SpanKind> kinds = EnumSet.noneOf(SpanKind.class);
    spans(Optional.empty())
        .forEach(
            o -> {
              services.add(o.service());
              kinds.add(o.kind());
            });
    assertThat(services).containsExactly(ShopService.values());
    assertThat(kinds).containsExactly(SpanKind.values());
  }

  @Test
  void shop_hasNoServerErrors_whileNothingIsBroken() {
    assertThat(spans(Optional.empty()).filter(o -> o.kind() == SpanKind.SERVER))
        .allSatisfy(o -> assertThat(o.failure()).isEmpty());
  }

  @Test
  void shop_failsAboutFourChargesInTen_whileTheGatewayIsBroken() {
    Optional<Fault> fault = Optional.of(Fault.PAYMENT_GATEWAY);
    assertThat(failedShare(fault, ShopService.PAYMENT, "POST /charges")).isBetween(0.3, 0.5);
    assertThat(failedShare(fault, ShopService.FRONTEND, "POST /checkout")).isBetween(0.3, 0.5);
    assertThat(failedShare(fault, ShopService.FRONTEND, "GET /")).isZero();
  }

  @Test
  void shop_failsReservations_whileLocksAreHeld() {
    Optional<Fault> fault = Optional.of(Fault.INVENTORY_LOCKS);
    assertThat(failedShare(fault, ShopService.INVENTORY, "POST /reservations")).isBetween(0.2, 0.4);
    assertThat(failedShare(fault, ShopService.INVENTORY, "GET /products")).isZero();
  }

  @Test
  void failure_carriesTheExceptionAndAnErrorLog_whereItWasThrown() {
    Operation charge =
        spans(Optional.of(Fault.PAYMENT_GATEWAY))
            .filter(o -> o.name().equals("POST /charges") && o.failure().isPresent())
            .findFirst()
            .orElseThrow();
    Failure failure = charge.failure().orElseThrow();
    assertThat(failure.thrown().orElseThrow().stackTrace())
        .startsWith("java.net.http.HttpTimeoutException: api.cards.example did not answer")
        .contains("\n\tat dev.shop.payment.CardGateway.charge(CardGateway.java:52)");
    assertThat(text(charge, "error.type")).isEqualTo(failure.errorType());
    assertThat(charge.logs()).extracting(LogLine::severity).contains(Severity.ERROR);
  }

  @Test
  void clientError_isNoErrorOfTheServer() {
    List<Operation> missing =
        spans(Optional.empty())
            .filter(
                o ->
                    Long.valueOf(404)
                        .equals(
                            o.attributes().get(AttributeKey.longKey("http.response.status_code"))))
            .toList();
    assertThat(missing).isNotEmpty();
    assertThat(missing)
        .allSatisfy(
            o -> assertThat(o.failure().isPresent()).isEqualTo(o.kind() == SpanKind.CLIENT));
  }

  @Test
  void spans_carryTheStableConventionsOfTheirKind() {
    assertThat(spans(Optional.of(Fault.INVENTORY_LOCKS)))
        .allSatisfy(
            o -> {
              if (o.kind() == SpanKind.SERVER) {
                assertThat(text(o, "http.request.method")).isNotBlank();
                assertThat(o.name())
                    .isEqualTo(text(o, "http.request.method") + " " + text(o, "http.route"));
                assertThat(text(o, "url.path")).startsWith("/");
              } else if (text(o, "db.system.name") != null) {
                assertThat(text(o, "db.query.text")).isNotBlank();
                assertThat(text(o, "db.operation.name")).isUpperCase();
              } else if (o.kind() == SpanKind.CLIENT) {
                assertThat(text(o, "url.full")).startsWith("http");
              }
            });
  }

  @Test
  void spread_reachesTheEndOfTheLastFollower() {
    Operation follower =
        Operation.of(ShopService.SHIPPING, SpanKind.CONSUMER, "process").takes(50, 50).build();
    Operation producer =
        Operation.of(ShopService.CHECKOUT, SpanKind.PRODUCER, "send")
            .takes(10, 0)
            .follower(follower)
            .build();
    Operation root =
        Operation.of(ShopService.CHECKOUT, SpanKind.SERVER, "POST")
            .takes(5, 5)
            .step(producer)
            .build();
    assertThat(root.durationNanos()).isEqualTo(20);
    assertThat(root.spreadNanos()).isEqualTo(115);
  }
}
