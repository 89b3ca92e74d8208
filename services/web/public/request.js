/** One JSON request to the same origin; whatever goes wrong becomes an Error with a sentence for people. */
export async function request(method, path, body) {
  const response = await fetch(path, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Error('The service cannot be reached. Please check your connection and try again.');
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw new Error(answer.error ?? `The service answered ${response.status}. Please try again in a moment.`);
}
