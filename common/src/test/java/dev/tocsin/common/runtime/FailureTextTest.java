package dev.tocsin.common.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class FailureTextTest {

  @Test
  void text_isNeverEmpty() {
    assertThat(FailureText.of(new StackOverflowError())).isEqualTo("java.lang.StackOverflowError");
    assertThat(FailureText.of(new IllegalStateException(" ")))
        .isEqualTo("java.lang.IllegalStateException");
    assertThat(FailureText.of(new ExecutionException(new NullPointerException())))
        .isEqualTo("java.lang.NullPointerException");
  }

  @Test
  void text_isTheOutermostThatSaysSomething() {
    assertThat(FailureText.of(new IllegalStateException("no room", new IOException("disk"))))
        .isEqualTo("no room");
    assertThat(FailureText.of(new RuntimeException(new IOException("disk")))).isEqualTo("disk");
    assertThat(FailureText.of(new IllegalStateException(null, new IOException("disk"))))
        .isEqualTo("disk");
  }
}
