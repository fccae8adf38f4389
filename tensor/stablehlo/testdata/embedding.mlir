module @embedding {
  func.func public @main(%arg0: tensor<6x3xf32> loc("in0"), %arg1: tensor<2x4xi32> loc("in1")) -> (tensor<2x4x3xf32>, tensor<6x3xf32>) {
    %0 = "stablehlo.gather"(%arg0, %arg1) <{dimension_numbers = #stablehlo.gather<offset_dims = [2], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 2>, slice_sizes = array<i64: 1, 3>, indices_are_sorted = false}> : (tensor<6x3xf32>, tensor<2x4xi32>) -> tensor<2x4x3xf32>
    %1 = stablehlo.constant dense<0x3F800000> : tensor<f32>
    %2 = stablehlo.broadcast_in_dim %1, dims = [] : (tensor<f32>) -> tensor<2x4x3xf32>
    %3 = stablehlo.multiply %2, %0 : tensor<2x4x3xf32>
    %4 = stablehlo.multiply %2, %0 : tensor<2x4x3xf32>
    %5 = stablehlo.add %3, %4 : tensor<2x4x3xf32>
    %6 = stablehlo.constant dense<0.0> : tensor<6x3xf32>
    %10 = "stablehlo.scatter"(%6, %arg1, %5) <{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [2], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 2>, indices_are_sorted = false, unique_indices = false}> ({
    ^bb0(%7: tensor<f32>, %8: tensor<f32>):
      %9 = stablehlo.add %7, %8 : tensor<f32>
      stablehlo.return %9 : tensor<f32>
    }) : (tensor<6x3xf32>, tensor<2x4xi32>, tensor<2x4x3xf32>) -> tensor<6x3xf32>
    return %0, %10 : tensor<2x4x3xf32>, tensor<6x3xf32>
  }
}
