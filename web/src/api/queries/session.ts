import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { get, post, remove } from "../client";
import { keys } from "../keys";
import { paths } from "../paths";
import type { Me } from "../types";

export function useMe() {
  return useQuery({
    queryKey: keys.me,
    queryFn: ({ signal }) => get<Me>(paths.me, signal),
    staleTime: Infinity,
  });
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => post<unknown>(paths.session, { token }),
    onSuccess: () => client.resetQueries(),
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => remove(paths.session),
    onSettled: () => client.resetQueries(),
  });
}
