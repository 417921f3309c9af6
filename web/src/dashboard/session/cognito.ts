import { JobmillError } from "../../client/errors.js";
import type { Identity } from "../settings.js";

/** Tokens of a person, or what the user pool asks for first. */
export type SignIn =
  | { readonly kind: "tokens"; readonly idToken: string; readonly refreshToken: string | null }
  | { readonly kind: "new-password"; readonly session: string; readonly user: string };

interface PoolAnswer {
  readonly AuthenticationResult?: { readonly IdToken: string; readonly RefreshToken?: string };
  readonly ChallengeName?: string;
  readonly Session?: string;
  readonly ChallengeParameters?: Readonly<Record<string, string>>;
  readonly __type?: string;
  readonly message?: string;
}

/** Sign in with name and password. Throws JobmillError with a sentence for the person. */
export async function signIn(identity: Identity, user: string, password: string): Promise<SignIn> {
  const AuthParameters = { USERNAME: user, PASSWORD: password };
  return read(await ask(identity, "InitiateAuth", { AuthFlow: "USER_PASSWORD_AUTH", AuthParameters }), user);
}

/** Answer the first sign-in's demand for a password of one's own. */
export async function setPassword(
  identity: Identity,
  { session, user }: { readonly session: string; readonly user: string },
  password: string,
): Promise<SignIn> {
  const answer = await ask(identity, "RespondToAuthChallenge", {
    ChallengeName: "NEW_PASSWORD_REQUIRED",
    Session: session,
    ChallengeResponses: { USERNAME: user, NEW_PASSWORD: password },
  });
  return read(answer, user);
}

/** A fresh ID token. */
export async function refresh(identity: Identity, refreshToken: string): Promise<string> {
  const AuthParameters = { REFRESH_TOKEN: refreshToken };
  const signedIn = read(await ask(identity, "InitiateAuth", { AuthFlow: "REFRESH_TOKEN_AUTH", AuthParameters }), "");
  if (signedIn.kind !== "tokens") throw new JobmillError("sign-in-needed", 401, "Sign in again.");
  return signedIn.idToken;
}

async function ask({ url, clientId }: Identity, operation: string, parameters: object): Promise<PoolAnswer> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": `AWSCognitoIdentityProviderService.${operation}`,
      },
      body: JSON.stringify({ ClientId: clientId, ...parameters }),
      signal: AbortSignal.timeout(30_000),
    });
  } catch (cause) {
    throw new JobmillError("unreachable", null, "The sign-in service does not answer. Try again.", { cause });
  }
  const answer = (await response.json().catch(() => ({}))) as PoolAnswer;
  if (!response.ok) throw refusal(operation, answer, response.status);
  return answer;
}

function refusal(operation: string, answer: PoolAnswer, status: number): JobmillError {
  const code = answer.__type?.split("#").at(-1) ?? "";
  const sentences: Readonly<Record<string, string>> = {
    NotAuthorizedException:
      operation === "InitiateAuth"
        ? "The name or the password is wrong."
        : "That took too long. Load the page, and sign in again.",
    UserNotFoundException: "The name or the password is wrong.",
    PasswordResetRequiredException: "Your password has to be reset: ask whoever invited you.",
    TooManyRequestsException: "Too many tries. Wait a minute, then try again.",
    LimitExceededException: "Too many tries. Wait a while, then try again.",
  };
  return new JobmillError(
    code || "sign-in-failed",
    status,
    sentences[code] ?? answer.message ?? "You could not be signed in.",
  );
}

function read(answer: PoolAnswer, user: string): SignIn {
  const tokens = answer.AuthenticationResult;
  if (tokens) return { kind: "tokens", idToken: tokens.IdToken, refreshToken: tokens.RefreshToken ?? null };
  if (answer.ChallengeName === "NEW_PASSWORD_REQUIRED" && answer.Session !== undefined) {
    return {
      kind: "new-password",
      session: answer.Session,
      user: answer.ChallengeParameters?.["USER_ID_FOR_SRP"] ?? user,
    };
  }
  const step = answer.ChallengeName ?? "a step";
  throw new JobmillError(
    "unsupported-challenge",
    401,
    `Your account asks for ${step}, which this page cannot do. Paste a token instead.`,
  );
}
