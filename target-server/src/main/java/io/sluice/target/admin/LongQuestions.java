package io.sluice.target.admin;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers questions that take long, each on a thread of its own and a few at a time. Thread-safe. */
final class LongQuestions {
    private static final Logger log = LoggerFactory.getLogger(LongQuestions.class);
    private static final int AT_ONCE_MAX = 8;

    private final Map<String, AdminQuestion> questions;
    private final Semaphore free = new Semaphore(AT_ONCE_MAX);

    LongQuestions(Map<String, AdminQuestion> questions) {
        this.questions = new TreeMap<>(questions);
    }

    Set<String> names() {
        return questions.keySet();
    }

    /** Takes the connection over when the first of {@code words} is one of these questions. */
    boolean take(List<String> words, TimedConnection client) throws IOException {
        AdminQuestion question = questions.get(words.get(0));
        if (question == null) {
            return false;
        }
        if (free.tryAcquire()) {
            Thread thread = new Thread(() -> answer(question, words, client), "sluice-admin-" + words.get(0));
            thread.setDaemon(true);
            thread.start();
        } else {
            try (client) {
                client.writeLine(Json.line(Map.of(
                        "error",
                        AT_ONCE_MAX + " questions that take long are being answered already: ask again when one is")));
            }
        }
        return true;
    }

    private void answer(AdminQuestion question, List<String> words, TimedConnection client) {
        try (client) {
            String line = answerTo(question, words.subList(1, words.size()));
            client.restart();
            client.writeLine(line);
        } catch (IOException failure) {
            log.info("nobody waited for the answer to \"{}\"", words.get(0), failure);
        } finally {
            free.release();
        }
    }

    private static String answerTo(AdminQuestion question, List<String> words) {
        try {
            return Json.line(question.answer(words));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Json.line(Map.of("error", "interrupted: the server is ending"));
        } catch (RuntimeException failure) {
            log.error("an administration request could not be answered", failure);
            return Json.line(Map.of("error", "the server could not answer; its log says why"));
        }
    }
}
