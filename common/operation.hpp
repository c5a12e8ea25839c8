// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace jackin {

/// What an operation does.
enum class OperationKind {
  setup,
  rotate,
  revoke,
  relocate,  ///< Moves a token of an earlier version to jackind's own folder.
  recovery,  ///< Ends an operation that was interrupted.
};

/// The steps of operations, as the journal and clients know them. Each operation has some of them.
enum class Step {
  begun,
  program,       ///< claude was found.
  mint,          ///< claude creates the token.
  captured,      ///< The token was captured; from here on the operation runs to its end.
  resolve,       ///< The token to adopt is read.
  verify,        ///< The API checks the token.
  store,         ///< The token is stored.
  read_back,     ///< The stored token is compared.
  write_config,  ///< The slot is edited.
  record,        ///< The token is recorded in the database.
  delete_old,    ///< The token that was replaced or moved is deleted.
  keep,          ///< The token stays in its store, not configured.
  give_up,       ///< The user discards the token.
  clear,         ///< The slot is cleared.
  forget,        ///< The records of the scope are deleted.
  delete_item,   ///< The revoked token is deleted from its store.
  copy,          ///< The token is copied to its new place.
  stuck,         ///< Something is left that only the user can fix.
};

/// What a running operation waits for.
enum class WaitsFor {
  consent,  ///< The user's consent in the browser.
  answer,   ///< The user's answer to a question.
  store,    ///< A store, which may ask the user.
};

/// How an operation ended.
enum class Outcome {
  done,
  failed,  ///< Ended by an error; everything is as it was before.
  undone,  ///< Found unfinished at a start of the daemon, and undone.
  stuck,   ///< Something is left that only the user can fix; stays listed.
  kept,    ///< The new token stays in its store and no slot names it. Listed until a slot names it or it is gone.
};

/// The subject of a question to the user.
enum class QuestionKind {
  store_failed,        ///< The token could not be stored: where to store it.
  config_not_written,  ///< The configuration could not be written: what to do with the token.
};

/// What the user can answer.
enum class ChoiceKind {
  try_again,
  use_store,  ///< Store the token in another store.
  keep,       ///< Leave the token in its store without configuring it. Loses nothing.
  give_up,    ///< Discard the token.
};

}  // namespace jackin
