package dev.tocsin.common.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutboundGuardTest {
  private static final Vertx VERTX = Vertx.vertx();

  @AfterAll
  static void stop() throws Exception {
    get(VERTX.close());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private static OutboundGuard answering(String... addresses) {
    return new OutboundGuard(VERTX, List.of("allowed", "port:8080"), host -> all(addresses));
  }

  private static InetAddress[] all(String... addresses) throws UnknownHostException {
    InetAddress[] all = new InetAddress[addresses.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = InetAddress.getByName(addresses[i]);
    }
    return all;
  }

  private static void assertRefused(OutboundGuard guard, String url) {
    assertThatThrownBy(() -> get(guard.check(URI.create(url))))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(OutboundGuard.RefusedException.class)
        .hasMessageNotContaining("secret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.127.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.9",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::7f00:1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2001:db8::1",
        "2001::1",
        "2002:7f00:1::",
        "100::1",
        "fec0::1"
      })
  void address_isRefused_whenItIsNotPublic(String address) throws Exception {
    assertThat(OutboundGuard.globallyRoutable(InetAddress.getByName(address))).isFalse();
    assertRefused(answering(address), "https://example.com/secret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2001:4860:4860::8888"})
  void address_isTaken_whenItIsPublic(String address) throws Exception {
    var target = get(answering(address).check(URI.create("https://example.com/a?b=c")));
    assertThat(target.address().hostAddress()).isEqualTo(all(address)[0].getHostAddress());
    assertThat(target.port()).isEqualTo(443);
    assertThat(target.ssl()).isTrue();
    assertThat(target.requestUri()).isEqualTo("/a?b=c");
  }

  @Test
  void host_isRefused_whenOneOfItsAddressesIsPrivate() {
    assertRefused(answering("1.1.1.1", "10.0.0.1"), "https://example.com/secret");
  }

  @Test
  void host_isResolvedOnce() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    OutboundGuard guard =
        new OutboundGuard(
            VERTX, List.of(), host -> all(asked.incrementAndGet() == 1 ? "1.1.1.1" : "127.0.0.1"));
    var target = get(guard.check(URI.create("https://rebinding.example.com/")));
    assertThat(target.address().hostAddress()).isEqualTo("1.1.1.1");
    assertThat(asked).hasValue(1);
  }

  @Test
  void plainHttp_isRefused_unlessTheHostIsAllowed() throws Exception {
    assertRefused(answering("1.1.1.1"), "http://example.com/secret");
    assertRefused(answering("1.1.1.1"), "ftp://allowed/secret");
    var target = get(answering("10.0.0.1").check(URI.create("http://ALLOWED:81/x")));
    assertThat(target.ssl()).isFalse();
    assertThat(target.address().port()).isEqualTo(81);
    assertThat(get(answering("10.0.0.1").check(URI.create("http://port:8080/"))).port())
        .isEqualTo(8080);
    assertRefused(answering("10.0.0.1"), "http://port:8081/secret");
  }

  @Test
  void literalAddresses_areCheckedToo() {
    OutboundGuard guard = OutboundGuard.create(VERTX, List.of());
    for (String host :
        List.of("169.254.169.254", "[::1]", "[::ffff:169.254.169.254]", "127.1", "2130706433")) {
      assertRefused(guard, "https://" + host + "/secret");
    }
    assertRefused(guard, "https://user:pass@example.com/secret");
    assertRefused(guard, "https:///secret");
  }

  @Test
  void shownUrl_hasNoPath() {
    assertThat(OutboundGuard.shown(URI.create("https://hooks.slack.com:444/services/T/B/secret")))
        .isEqualTo("https://hooks.slack.com:444/...");
  }
}
