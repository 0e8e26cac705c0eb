package dev.tocsin.testkit;

import java.net.http.WebSocket;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Puts the pieces of text messages together and passes each on, one after the other. */
public final class WebSocketTexts implements WebSocket.Listener {
  private final Consumer<String> messages;
  private final StringBuilder message = new StringBuilder();

  public WebSocketTexts(Consumer<String> messages) {
    this.messages = messages;
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
    message.append(data);
    if (last) {
      messages.accept(message.toString());
      message.setLength(0);
    }
    socket.request(1);
    return null;
  }
}
