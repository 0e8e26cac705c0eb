package dev.tocsin.common.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
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

  @Test
  void text_ofAFile_isItsNameAndWhy() {
    assertThat(FailureText.of(new NoSuchFileException("a.toml")))
        .isEqualTo("a.toml: no such file or directory");
    assertThat(FailureText.of(new RuntimeException(new AccessDeniedException("/b"))))
        .isEqualTo("/b: no permission");
    assertThat(FailureText.of(new FileSystemException("/c", null, "No space left on device")))
        .isEqualTo("/c: No space left on device");
    assertThat(FailureText.of(new TimeoutException())).isEqualTo("no answer in time");
  }
}
