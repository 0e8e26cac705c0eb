package dev.tocsin.segment.summary;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ExceptionShapeTest {
  private static final String JAVA =
      """
      java.lang.IllegalStateException: cart 4711 is gone
      \tat shop.Cart.load(Cart.java:42)
      \tat shop.Cart.lambda$open$3(Cart.java:17)
      \tat shop.Cart$$Lambda/0x00007f1a2c0d4a10.apply(Unknown Source)
      \tat shop.Cart$$EnhancerBySpringCGLIB$$5a1b2c3d.load(<generated>)
      \tat jdk.proxy2/jdk.proxy2.$Proxy47.call(Unknown Source)
      Caused by: java.io.IOException: connection 10.0.0.1:5432 reset
      \tat shop.Db.read(Db.java:9)
      \t... 12 more
      """;

  private static long of(String stack) {
    return ExceptionShape.fingerprint("cart", "java.lang.IllegalStateException", "any", stack);
  }

  @Test
  void javaStack_isTheSameKind_whenLinesMessagesAndGeneratedNamesDiffer() {
    String other =
        JAVA.replace("4711", "12")
            .replace("Cart.java:42", "Cart.java:44")
            .replace("open$3", "open$5")
            .replace("0x00007f1a2c0d4a10", "0x00007f99aa000000")
            .replace("5a1b2c3d", "99ff0011")
            .replace("$Proxy47", "$Proxy8")
            .replace("10.0.0.1:5432", "10.0.0.9:5433")
            .replace("... 12 more", "... 9 more");
    assertThat(of(other)).isEqualTo(of(JAVA));
  }

  @ParameterizedTest
  @CsvSource({"Cart.load,Cart.save", "IOException,EOFException", "open$3,close$3"})
  void javaStack_isAnotherKind_whenFramesOrCausesDiffer(String from, String to) {
    assertThat(of(JAVA.replace(from, to))).isNotEqualTo(of(JAVA));
  }

  private static long kind(String type, String stack) {
    return ExceptionShape.fingerprint("cart", ExceptionShape.type(type), "any", stack);
  }

  @ParameterizedTest
  @CsvSource({
    "shop.App$Gone,shop.App.Gone,shop.App.Gone",
    "Shop.App+Gone,Shop.App.Gone,Shop.App.Gone",
    "__main__.Gone,Gone,Gone",
    "shop.open.<locals>.Gone,Gone,Gone",
  })
  void type_isTheSame_whoeverTellsIt(String one, String other, String expected) {
    assertThat(ExceptionShape.type(one)).isEqualTo(expected);
    assertThat(ExceptionShape.type(other)).isEqualTo(expected);
  }

  @Test
  void kind_isTheSame_whenALoggerLeavesThePackageOut() {
    assertThat(kind("shop.Gone", JAVA)).isEqualTo(kind("Gone", JAVA));
    assertThat(kind("shop.Gone", JAVA)).isNotEqualTo(kind("shop.Lost", JAVA));
    assertThat(kind("shop.Gone", "")).isNotEqualTo(kind("bank.Gone", ""));
  }

  @Test
  void javaStack_isTheSameKind_howeverItWasCalledByReflection() {
    String call = "\tat shop.Db.read(Db.java:9)\n";
    for (String machinery :
        List.of(
            "\tat jdk.internal.reflect.GeneratedMethodAccessor29.invoke(Unknown Source)\n",
            """
            \tat java.base/jdk.internal.reflect.DirectMethodHandleAccessor.invoke(X.java:103)
            \tat java.base/java.lang.reflect.Method.invoke(Method.java:580)
            """,
            "\tat sun.reflect.NativeMethodAccessorImpl.invoke0(Native Method)\n",
            "\tat java.base/java.lang.invoke.LambdaForm$DMH/0x00007f.invoke(LambdaForm$DMH)\n",
            "\tat shop.Cart$$SpringCGLIB$$0.load(<generated>)\n",
            "\tat shop.Cart$$Lambda$17/0x00000001.get(Unknown Source)\n",
            "\tat jdk.proxy2/jdk.proxy2.$Proxy9.call(Unknown Source)\n")) {
      assertThat(of(JAVA.replace(call, call + machinery))).as(machinery).isEqualTo(of(JAVA));
    }
    String other = call + "\tat shop.Db.reflect(Db.java:3)\n";
    assertThat(of(JAVA.replace(call, other))).isNotEqualTo(of(JAVA));
  }

  @Test
  void javaScriptStack_isTheSameKind_whenFunctionsWithoutANameAreShown() {
    String stack =
        """
        TypeError: no cart
            at load (/app/cart.js:3:9)
            at run (/app/main.js:1:2)
        """;
    String more = stack + "    at new Promise (<anonymous>)\n    at <anonymous>\n";
    assertThat(of(more)).isEqualTo(of(stack));
    assertThat(of(stack + "    at Object.<anonymous> (/app/other.js:1:1)\n"))
        .isNotEqualTo(of(stack));
  }

  @Test
  void pythonStack_isTheSameKind_whenLinesAndMessageDiffer() {
    String python =
        """
        Traceback (most recent call last):
          File "/app/shop/cart.py", line 31, in load
            return rows[0]
        IndexError: no cart 4711
        """;
    assertThat(of(python.replace("31", "35").replace("4711", "9"))).isEqualTo(of(python));
    assertThat(of(python.replace("in load", "in save"))).isNotEqualTo(of(python));
  }

  @Test
  void goStack_isTheSameKind_whenAddressesDiffer() {
    String go =
        """
        goroutine 18 [running]:
        main.load(0xc000012345, 0x2a)
        \t/app/cart.go:31 +0x1d
        """;
    String other =
        go.replace("18", "7").replace("0xc000012345", "0xc0000fffff").replace("+0x1d", "+0x2f");
    assertThat(of(other)).isEqualTo(of(go));
    assertThat(of(go.replace("main.load", "main.save"))).isNotEqualTo(of(go));
  }

  @Test
  void message_tellsTheKindWithoutItsIds_whenThereIsNoStack() {
    String message = "order 12 of user 5f0c7a1e-90d2-4c1b-8a77-0123456789ab failed";
    long kind = ExceptionShape.fingerprint("cart", "Error", message, "");
    String other = "order 977 of user 00000000-90d2-4c1b-8a77-ffffffffffff failed";
    assertThat(ExceptionShape.fingerprint("cart", "Error", other, "")).isEqualTo(kind);
    assertThat(ExceptionShape.fingerprint("cart", "Error", "order lost", "")).isNotEqualTo(kind);
    assertThat(ExceptionShape.fingerprint("pay", "Error", message, "")).isNotEqualTo(kind);
  }

  @Test
  void type_losesWhatAGeneratorMadeUp() {
    assertThat(ExceptionShape.type("shop.Cart$$SpringCGLIB$$0"))
        .isEqualTo("shop.Cart$$SpringCGLIB");
    assertThat(ExceptionShape.type("shop.Cart$1")).isEqualTo("shop.Cart$");
    assertThat(ExceptionShape.type(" ValueError ")).isEqualTo("ValueError");
  }
}
